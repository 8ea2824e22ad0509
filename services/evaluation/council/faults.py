"""What is wrong with what a council's secretariat files: a place, a code, a sentence in both languages."""

from collections.abc import Iterable
from datetime import date

from shared.contracts.councils import Level
from shared.contracts.fault_codes import FilingFault
from shared.contracts.text import Fault
from shared.faults.fault import fault

LEVELS = {
    Level.PROVINCE: ("Hội đồng cấp tỉnh", "provincial council"),
    Level.CENTRE: ("Hội đồng cấp Trung ương", "central council"),
}


def level_of_another(level: Level) -> Fault:
    """Return the fault of an office that files for another level's council."""
    vi, en = LEVELS[level]
    return fault(
        ("level",),
        FilingFault.LEVEL_OF_ANOTHER_COUNCIL,
        f"Đây là việc của {vi}; đơn vị gửi không được nộp thay. Hãy để thư ký của hội đồng đó nộp.",
        f"This is the {en}'s to file, not its sender's. Have that council's secretariat file it.",
    )


def province_wrong(*, needed: bool) -> Fault:
    """Return the fault of a provincial council without a province, or a central one with one."""
    vi, en = (
        ("Hội đồng cấp tỉnh cần mã tỉnh. Hãy bổ sung.", "A provincial council needs its province's code. Add it.")
        if needed
        else (
            "Hội đồng cấp Trung ương không thuộc tỉnh nào. Hãy bỏ mã tỉnh.",
            "The central council is of no province. Leave the province's code out.",
        )
    )
    return fault(("province_code",), FilingFault.LEVEL_OF_ANOTHER_COUNCIL, vi, en)


def regulation_unknown(id: str, level: Level, known: Iterable[str]) -> Fault:
    """Return the fault of a regulation that is in force for no such council."""
    vi, en = LEVELS[level]
    there = ", ".join(known)
    return fault(
        ("regulation",),
        FilingFault.REGULATION_UNKNOWN,
        f"Không có quy chế {id} đang có hiệu lực cho {vi}. Các quy chế đã nhập: {there}.",
        f"No regulation {id} of the {en} is in force. Those that are entered: {there}.",
    )


def session_unknown(id: str, *where: str) -> Fault:
    """Return the fault of a session that nobody has convened."""
    return fault(
        where or ("session",),
        FilingFault.SESSION_UNKNOWN,
        f"Chưa có phiên họp {id}. Hãy nộp quyết định triệu tập (council.convened) trước, hoặc kiểm tra mã phiên.",
        f"There is no session {id}. File its council.convened first, or check the id.",
    )


def session_replaced(id: str, by: str, *where: str) -> Fault:
    """Return the fault of a session in whose place another has come."""
    return fault(
        where or ("session",),
        FilingFault.SESSION_REPLACED,
        f"Phiên họp {id} đã được thay bằng phiên {by}. Hãy dùng phiên {by}.",
        f"The session {id} was replaced by {by}. Use that one.",
    )


def session_id_taken(id: str) -> Fault:
    """Return the fault of an id that another session has."""
    return fault(
        ("session",),
        FilingFault.SESSION_ID_TAKEN,
        f"Mã phiên {id} đã dùng cho một phiên khác. Phiên đã triệu tập không sửa được: hãy đặt mã mới và ghi phiên cũ "
        "ở mục replaces nếu phiên này thay cho nó.",
        f"The id {id} is another session's. A session is never changed: give a new id, and name the old one in "
        "replaces where this one comes in its place.",
    )


def member_twice(id: str, *where: str | int) -> Fault:
    """Return the fault of a member who stands twice in a list."""
    return fault(
        where,
        FilingFault.MEMBER_TWICE,
        f"Thành viên {id} có hai lần. Mỗi thành viên chỉ ghi một lần.",
        f"The member {id} is listed twice. List each once.",
    )


def member_unknown(id: str, *where: str | int) -> Fault:
    """Return the fault of somebody who does not sit in the session."""
    return fault(
        where,
        FilingFault.MEMBER_UNKNOWN,
        f"{id} không phải thành viên của phiên họp này. Hãy kiểm tra mã thành viên.",
        f"{id} is no member of this session. Check the member's id.",
    )


def chairs_wrong(chairs: int) -> Fault:
    """Return the fault of a session without one chair."""
    return fault(
        ("members",),
        FilingFault.CHAIR_WRONG,
        f"Phiên họp cần đúng một Chủ tịch hội đồng, đang có {chairs}. Người được phân công thay là deputy.",
        f"A session needs exactly one chair, and has {chairs}. Who stands in for the chair is a deputy.",
    )


def product_twice(code: str, index: int) -> Fault:
    """Return the fault of a product that stands twice in a session."""
    return fault(
        ("products", index),
        FilingFault.PRODUCT_TWICE,
        f"Sản phẩm {code} có hai lần trong phiên. Hãy bỏ một dòng.",
        f"The product {code} is listed twice. Remove one line.",
        product_code=code,
    )


def product_of_another_province(code: str, index: int) -> Fault:
    """Return the fault of another province's product."""
    return fault(
        ("products", index),
        FilingFault.LEVEL_OF_ANOTHER_COUNCIL,
        f"Sản phẩm {code} thuộc tỉnh khác. Hội đồng cấp tỉnh chỉ đánh giá sản phẩm của tỉnh mình.",
        f"The product {code} is another province's. A provincial council judges its own province's products.",
        product_code=code,
    )


def product_not_at_level(code: str, level: Level, index: int) -> Fault:
    """Return the fault of a product that does not wait for this council."""
    vi, en = LEVELS[level]
    return fault(
        ("products", index),
        FilingFault.PRODUCT_NOT_AT_LEVEL,
        f"Sản phẩm {code} hiện không chờ {vi} đánh giá. Hãy bỏ khỏi phiên, hoặc nộp lại khi hồ sơ đã đến.",
        f"The product {code} does not wait for the {en} now. Leave it out, or file again when its dossier is there.",
        product_code=code,
    )


def product_in_another_session(code: str, session: str, index: int) -> Fault:
    """Return the fault of a product that is in an open session."""
    return fault(
        ("products", index),
        FilingFault.PRODUCT_IN_ANOTHER_SESSION,
        f"Sản phẩm {code} đang thuộc phiên {session}. Hãy bỏ khỏi phiên này, hoặc ghi phiên kia ở mục replaces.",
        f"The product {code} is in the session {session}. Leave it out, or name that session in replaces.",
        product_code=code,
    )


def product_not_in_session(code: str, session: str) -> Fault:
    """Return the fault of a product that a session does not have."""
    return fault(
        ("product_code",),
        FilingFault.PRODUCT_NOT_IN_SESSION,
        f"Phiên {session} không có sản phẩm {code}. Hãy kiểm tra mã sản phẩm và mã phiên.",
        f"The session {session} has no product {code}. Check both codes.",
        product_code=code,
    )


def product_has_left(code: str, session: str) -> Fault:
    """Return the fault of a product that a session held, until its dossier was returned or withdrawn."""
    return fault(
        ("product_code",),
        FilingFault.PRODUCT_NOT_IN_SESSION,
        f"Sản phẩm {code} không còn thuộc phiên {session}: hồ sơ đã được trả lại hoặc đã kết thúc. Các phiếu cũ vẫn "
        "được lưu, nhưng không tính.",
        f"The session {session} holds the product {code} no more: its dossier was returned, or its round has ended. "
        "Earlier cards stay on record, and do not count.",
        product_code=code,
    )


def council_concluded(code: str, session: str) -> Fault:
    """Return the fault of what comes after a session's result on a product."""
    return fault(
        ("product_code",),
        FilingFault.COUNCIL_CONCLUDED,
        f"Phiên {session} đã có kết quả cho sản phẩm {code}; không nhận thêm phiếu hay kết luận.",
        f"The session {session} has given its result on {code} and takes no more cards or conclusions.",
        product_code=code,
    )


def score_sheet_wrong(given: str, right: str) -> Fault:
    """Return the fault of a card on another product set's sheet."""
    return fault(
        ("score_sheet",),
        FilingFault.SCORE_SHEET_WRONG,
        f"Phiếu {given} không dành cho bộ sản phẩm này. Hãy chấm bằng phiếu {right}.",
        f"{given} is not the sheet of this product's set. Score with {right}.",
    )


def no_scorecards(code: str) -> Fault:
    """Return the fault of a conclusion on a product that nobody has scored."""
    return fault(
        (),
        FilingFault.NO_SCORECARDS,
        f"Chưa có phiếu chấm nào cho sản phẩm {code} trong phiên này. Hãy nộp phiếu chấm rồi kết luận.",
        f"This session has no scorecard on {code}. File the cards, then conclude.",
    )


def present_missing() -> Fault:
    """Return the fault of a meeting that does not say who was there."""
    return fault(
        ("present",),
        FilingFault.CONTENT_MISSING,
        "Kết luận của phiên họp cần danh sách thành viên có mặt. Hãy bổ sung; chỉ khi lấy ý kiến bằng văn bản mới được "
        "để trống.",
        "A meeting's conclusion needs the members who were there. Add them; only written opinions go without.",
    )


def held_in_future(day: date) -> Fault:
    """Return the fault of minutes of a day that has not come."""
    return fault(
        ("held_on",),
        FilingFault.DATE_IN_FUTURE,
        f"Ngày họp {day:%d/%m/%Y} ở tương lai. Hãy ghi đúng ngày của biên bản.",
        f"{day.isoformat()} lies in the future. Give the day of the minutes.",
    )


def held_too_early(day: date, came_on: date) -> Fault:
    """Return the fault of minutes of a day on which the product had not come to the council."""
    return fault(
        ("held_on",),
        FilingFault.DATE_TOO_EARLY,
        f"Ngày họp {day:%d/%m/%Y} trước ngày hồ sơ được chuyển đến hội đồng, {came_on:%d/%m/%Y}. Hãy kiểm tra lại.",
        f"{day.isoformat()} is before {came_on.isoformat()}, the day on which the dossier came to it. Check the day.",
    )

"""The lines in which a result is explained, Vietnamese and English."""

from collections.abc import Mapping, Sequence
from typing import Any

from services.evaluation.council.judging import Judged, shown
from services.evaluation.council.state import Card, Session
from services.evaluation.regulations import Regulation
from services.evaluation.regulations.regulation import Rule
from services.evaluation.scoring import BANDS
from shared.contracts.councils import CouncilConcluded, CouncilResult, Level
from shared.contracts.rating import UnmetMinimum
from shared.contracts.text import Bilingual

_LEVEL = {
    Level.PROVINCE: ("Hội đồng cấp tỉnh", "Provincial council"),
    Level.CENTRE: ("Hội đồng cấp Trung ương", "Central council"),
}
_WAY = {"meeting": ("họp", "meeting"), "written-opinions": ("lấy ý kiến bằng văn bản", "written opinions")}
_JUDGED_BY = {
    "agreed": (
        "mức hội đồng thống nhất ở từng tiêu chí, không có thì mức nhiều thành viên chọn nhất (bằng nhau: mức thấp)",
        "the option that the council agreed on, else the one that most members chose (of equals the lower)",
    ),
    "majority": (
        "mức nhiều thành viên chọn nhất (bằng nhau: mức thấp)",
        "the option that most members chose (of equals the lower)",
    ),
    "every-member": ("mức thấp nhất mà một thành viên chọn", "the lowest option that a member chose"),
}


def _line(vi: str, en: str) -> Bilingual:
    return Bilingual(vi=vi, en=en)


def _source(rule: Rule) -> str:
    return f"[{rule.certainty}: {rule.source}]"


def heading(result: CouncilResult, concluded: CouncilConcluded) -> Bilingual:
    """Say which product, which round, which session, and when."""
    (vi, en), (vi_way, en_way) = _LEVEL[result.level], _WAY[concluded.way]
    return _line(
        f"{vi}, phiên {result.session} ({vi_way}), ngày {result.held_on:%d/%m/%Y}: {result.product_name}, mã "
        f"{result.product_code}, lượt {result.round}, phiếu {result.score_sheet} ({result.legal_document}).",
        f"{en}, session {result.session} ({en_way}), {result.held_on.isoformat()}: {result.product_name}, "
        f"{result.product_code}, round {result.round}, sheet {result.score_sheet} ({result.legal_document}).",
    )


def regulation(rules: Regulation) -> Bilingual:
    """Say by which regulation the council worked."""
    return _line(
        f"Quy chế: {rules.name.vi} ({rules.id}), số {rules.number}, ngày {rules.date:%d/%m/%Y}.",
        f"Regulation: {rules.name.en} ({rules.id}), number {rules.number}, {rules.date.isoformat()}.",
    )


def card(card: Card, session: Session, *, counts: bool, old: bool) -> Bilingual:
    """Say what a card comes to, and whether it counts."""
    member = session.member(card.member)
    office = member.office if member else "?"
    vi, en = ("được tính", "counted") if counts else ("lưu, không tính (vắng mặt)", "kept, not counted (absent)")
    if old:
        vi, en = "đã được thay bằng phiếu sau, không tính", "replaced by a later card, not counted"
    return _line(
        f"Phiếu của {card.member} ({office}): {card.total} điểm; {vi}.",
        f"Card of {card.member} ({office}): {card.total} points; {en}.",
    )


def rescoring(asked: Mapping[str, Any]) -> Bilingual:
    """Say that the members were asked to score anew."""
    totals = ", ".join(f"{each['member']} {each['total']}" for each in asked["totals"])
    return _line(
        f"Kết luận trước: chênh lệch {asked['spread']} điểm, quá {asked['allowed']} ({totals}): yêu cầu chấm lại.",
        f"An earlier conclusion: a spread of {asked['spread']} points, above {asked['allowed']} ({totals}): "
        "rescoring was asked for.",
    )


def incomplete(said: Mapping[str, Any]) -> Bilingual:
    """Say that an earlier conclusion gave no result."""
    missing = ", ".join(each["id"] for each in said["missing"]) or "-"
    return _line(
        f"Kết luận trước: chưa có kết quả, {said['counted']} phiếu trên {said['needed']} cần có; thiếu: {missing}.",
        f"An earlier conclusion: no result, {said['counted']} cards of {said['needed']} needed; missing: {missing}.",
    )


def quorum(rules: Regulation, counted: int, members: int, needed: int) -> Bilingual:
    """Say how many cards it took."""
    rule = rules.quorum
    vi = f"ít nhất {rule.share} số thành viên" if rule.share else f"ít nhất {rule.count} thành viên"
    en = f"at least {rule.share} of the members" if rule.share else f"at least {rule.count} members"
    return _line(
        f"Số phiếu: {counted} của {members} thành viên; quy chế cần {vi}, tức {needed}. {_source(rule)}",
        f"Quorum: {counted} of {members} members; the regulation asks for {en}, that is {needed}. {_source(rule)}",
    )


def presided(rules: Regulation, session: Session, concluded: CouncilConcluded) -> Bilingual:
    """Say who presided."""
    member = session.member(concluded.presided_by)
    seat = member.seat.value if member else "?"
    asked = rules.presiding.by_chair_or_deputy
    vi = "quy chế cần Chủ tịch hoặc người được phân công" if asked else "quy chế không yêu cầu Chủ tịch"
    en = "the regulation asks for the chair or a deputy" if asked else "the regulation asks for nobody in particular"
    return _line(
        f"Chủ trì: {concluded.presided_by} ({seat}); {vi}. {_source(rules.presiding)}",
        f"Presided: {concluded.presided_by} ({seat}); {en}. {_source(rules.presiding)}",
    )


def spread(rules: Regulation, found: int) -> Bilingual:
    """Say how far the totals differ, and what the regulation says of it."""
    largest = rules.spread.largest
    vi, en = ("không quá", "not above") if found <= largest else ("quá", "above")
    vi_then, en_then = ("", "")
    if found > largest:
        vi_then = f"; đã chấm lại {rules.rescoring.times} lần, theo kết luận của người chủ trì"
        en_then = f"; after {rules.rescoring.times} rescoring(s) the conclusion stands"
    return _line(
        f"Chênh lệch giữa cao nhất và thấp nhất: {found} điểm, {vi} {largest}{vi_then}. {_source(rules.spread)}",
        f"Spread between highest and lowest: {found} points, {en} {largest}{en_then}. {_source(rules.spread)}",
    )


def average(cards: Sequence[Card], judged: Judged) -> Bilingual:
    """Say how the average comes about, and in which band it lies."""
    totals = [card.total for card in cards]
    total, count = sum(totals), len(totals)
    reckoned = f"({' + '.join(map(str, totals))}) / {count} = {total}/{count} = {shown(judged.average)}"
    least = BANDS[judged.band]
    return _line(
        f"Điểm trung bình: {reckoned} (không làm tròn); từ {least} điểm: hạng {judged.band} sao (Điều 3.3).",
        f"Average: {reckoned} (cut, not rounded); {least} points or more: the band of {judged.band} stars (Art. 3.3).",
    )


def minimums_judged(rules: Regulation, concluded: CouncilConcluded) -> Bilingual:
    """Say by which options the minimums were judged."""
    vi, en = _JUDGED_BY[rules.minimums.judged_by]
    agreed = len(concluded.agreed) if rules.minimums.judged_by == "agreed" else 0
    return _line(
        f"Mức tối thiểu (dấu *) xét theo {vi}; {agreed} tiêu chí có mức thống nhất. {_source(rules.minimums)}",
        f"Minimums (* marks) are judged on {en}; {agreed} criteria were agreed on. {_source(rules.minimums)}",
    )


def unmet(minimum: UnmetMinimum) -> Bilingual:
    """Say which minimum is not met."""
    has, needs = minimum.has, minimum.needs
    return _line(
        f"Chưa đạt mức tối thiểu của {minimum.star} sao: tiêu chí {minimum.criterion}, mức {has.option}, "
        f"cần {needs.option}.",
        f"A minimum of {minimum.star} stars is not met: criterion {minimum.criterion}, option {has.option}, "
        f"needs {needs.option}.",
    )


def eliminations(rules: Regulation, judged: Judged) -> Bilingual:
    """Say whether something ends the evaluation."""
    members = rules.eliminations.members
    vi_by, en_by = (
        (f"từ {members} thành viên trở lên", f"{members} members or more")
        if members
        else ("kết luận của hội đồng", "the council's conclusion")
    )
    stops = ", ".join(stop.criterion for stop in judged.stops)
    vi, en = (f"bị loại tại {stops}", f"eliminated at {stops}") if stops else ("không bị loại", "none")
    return _line(
        f"Điều kiện loại (theo {vi_by}): {vi}. {_source(rules.eliminations)}",
        f"Eliminations (by {en_by}): {en}. {_source(rules.eliminations)}",
    )


def stars(judged: Judged) -> Bilingual:
    """Say how many stars that makes."""
    if judged.stars is None:
        return _line("Kết quả: không xếp hạng sao.", "Result: no stars.")
    return _line(
        f"Kết quả: {judged.stars} sao (điểm cho {judged.band} sao, sau khi xét mức tối thiểu).",
        f"Result: {judged.stars} stars (the points give {judged.band}, the minimums leave {judged.stars}).",
    )


def compared(differences: Sequence[str]) -> Bilingual:
    """Say whether the announced result comes out again."""
    if not differences:
        return _line("Tính lại từ hồ sơ lưu: khớp với kết quả đã công bố.", "Recomputed: it is what was announced.")
    fields = ", ".join(differences)
    return _line(
        f"Tính lại từ hồ sơ lưu: KHÁC kết quả đã công bố ở {fields}.",
        f"Recomputed: it DIFFERS from what was announced in {fields}.",
    )


def other_rules(result: CouncilResult) -> Bilingual:
    """Say that a result by other score sheets is not recomputed."""
    return _line(
        f"Phiên {result.session} chấm theo {result.legal_document}, phiếu {result.score_sheet}: bản này không có phiếu "
        "đó nên không tính lại được.",
        f"Session {result.session} scored by {result.legal_document}, sheet {result.score_sheet}: this version has not "
        "got that sheet, so it is not recomputed.",
    )

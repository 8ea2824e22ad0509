"""What the fields, kinds and papers of what is filed are called when speaking to people: Vietnamese, then English."""

from collections.abc import Sequence

from shared.contracts.dossier import DocumentType, ProducerKind, RegistrationKind

#: By path in a `producer.preferences`, and in a contact.
PREFERENCE_FIELDS: dict[str, tuple[str, str]] = {
    "preferences": ("cách nhận thông báo", "preferences"),
    "preferences/channels": ("thứ tự kênh nhận thông báo", "order of channels"),
    "preferences/channels/*": ("kênh nhận thông báo thứ {}", "channel {}"),
    "preferences/declined": ("các kênh không muốn nhận", "channels declined"),
    "preferences/declined/*": ("kênh không muốn nhận thứ {}", "declined channel {}"),
    "preferences/quiet_hours": ("giờ không nhận thông báo", "quiet hours"),
    "preferences/quiet_hours/begins": ("giờ bắt đầu không nhận thông báo", "beginning of the quiet hours"),
    "preferences/quiet_hours/ends": ("giờ kết thúc không nhận thông báo", "end of the quiet hours"),
}
#: By path in the dossier; `*` is a place in a list and `{}` its number, counted from 1.
FIELDS: dict[str, tuple[str, str]] = {
    "registration": ("hình thức đăng ký", "kind of registration"),
    "product_code": ("mã sản phẩm OCOP", "OCOP product code"),
    "former_producer": ("thông tin chủ thể trước đây", "former producer"),
    "former_producer/tax_code": ("mã số thuế trước đây", "former tax code"),
    "former_producer/registration_number": ("số đăng ký kinh doanh trước đây", "former business registration number"),
    "producer": ("thông tin chủ thể", "producer"),
    "producer/name": ("tên chủ thể", "producer's name"),
    "producer/kind": ("loại hình chủ thể", "kind of producer"),
    "producer/tax_code": ("mã số thuế", "tax code"),
    "producer/registration_number": ("số đăng ký kinh doanh", "business registration number"),
    "producer/contact": ("thông tin liên hệ", "contact"),
    "producer/contact/phone": ("số điện thoại", "phone number"),
    "producer/contact/email": ("thư điện tử (email)", "e-mail address"),
    "producer/contact/language": ("ngôn ngữ nhận thông báo", "language of notices"),
    **{f"producer/contact/{path}": name for path, name in PREFERENCE_FIELDS.items()},
    "product": ("thông tin sản phẩm", "product"),
    "product/name": ("tên sản phẩm", "product's name"),
    "product/product_set": ("bộ sản phẩm", "product set"),
    "product/description": ("mô tả sản phẩm", "product's description"),
    "product/province_code": ("mã tỉnh, thành phố", "province code"),
    "product/commune_code": ("mã xã, phường", "commune code"),
    "product/must_declare_quality": ("bắt buộc công bố chất lượng", "duty to declare quality"),
    "product/photographs": ("danh sách ảnh sản phẩm", "list of photographs"),
    "product/photographs/*": ("ảnh sản phẩm thứ {}", "photograph {}"),
    "product/photographs/*/url": ("địa chỉ của ảnh sản phẩm thứ {}", "address of photograph {}"),
    "product/photographs/*/caption": ("chú thích của ảnh sản phẩm thứ {}", "caption of photograph {}"),
    "product/sales_links": ("danh sách nơi bán", "list of sales links"),
    "product/sales_links/*": ("nơi bán thứ {}", "sales link {}"),
    "product/sales_links/*/url": ("địa chỉ của nơi bán thứ {}", "address of sales link {}"),
    "product/sales_links/*/shop": ("tên cửa hàng của nơi bán thứ {}", "shop of sales link {}"),
    "documents": ("danh sách giấy tờ", "list of documents"),
    "documents/*": ("giấy tờ thứ {}", "document {}"),
    "documents/*/type": ("loại của giấy tờ thứ {}", "type of document {}"),
    "documents/*/title": ("tên của giấy tờ thứ {}", "title of document {}"),
    "documents/*/location": ("nơi lưu giấy tờ thứ {}", "location of document {}"),
    "documents/*/sha256": ("mã kiểm tra SHA-256 của giấy tờ thứ {}", "SHA-256 of document {}"),
    "samples": ("số mẫu sản phẩm", "number of samples"),
    "self_assessment": ("phần tự đánh giá", "self-assessment"),
    "self_assessment/answers": ("danh sách câu trả lời tự đánh giá", "list of answers"),
    "self_assessment/answers/*": ("câu trả lời thứ {}", "answer {}"),
    "self_assessment/answers/*/criterion": ("tiêu chí của câu trả lời thứ {}", "criterion of answer {}"),
    "self_assessment/answers/*/option": ("phương án chọn ở câu trả lời thứ {}", "option of answer {}"),
    "self_assessment/answers/*/evidence": ("minh chứng của câu trả lời thứ {}", "evidence of answer {}"),
    "self_assessment/eliminations": ("danh sách tiêu chí bị loại", "list of eliminations"),
    "self_assessment/eliminations/*": ("tiêu chí bị loại thứ {}", "elimination {}"),
    "receipt": ("thông tin tiếp nhận hồ sơ giấy", "receipt of the paper dossier"),
    "receipt/number": ("số tiếp nhận", "number of the receipt"),
    "receipt/date": ("ngày tiếp nhận", "date of the receipt"),
}
#: By path in a `producer.contact`.
CONTACT_FIELDS: dict[str, tuple[str, str]] = {
    path.removeprefix("producer/"): name for path, name in FIELDS.items() if path.startswith("producer/contact")
} | {"product_code": FIELDS["product_code"], **PREFERENCE_FIELDS}
#: By path in what offices file about a round.
ROUND_FIELDS: dict[str, tuple[str, str]] = {
    "product_code": FIELDS["product_code"],
    "round": ("số thứ tự lượt đánh giá", "number of the round"),
    "outcome": ("kết quả xem xét của xã", "commune's outcome"),
    "report": ("báo cáo của xã (Mẫu 03)", "commune's report (Form 03)"),
    "report/local_material": ("nội dung nguyên liệu địa phương", "content on local material"),
    "report/local_labour": ("nội dung lao động địa phương", "content on local labour"),
    "report/origin_of_idea": ("nội dung nguồn gốc ý tưởng sản phẩm", "content on the origin of the idea"),
    "report/local_identity": ("nội dung bản sắc, trí tuệ địa phương", "content on local identity"),
    "reasons": ("danh sách lý do", "list of reasons"),
    "reasons/*": ("lý do thứ {}", "reason {}"),
    "reason": ("lý do", "reason"),
    "back_to": ("nơi nhận hồ sơ đã sửa", "place of the corrected dossier"),
    "letter": ("văn bản", "letter"),
    "letter/number": ("số văn bản", "number of the letter"),
    "letter/date": ("ngày văn bản", "date of the letter"),
    "stars": ("số sao", "stars"),
    "decision": ("quyết định công nhận", "decision"),
    "decision/number": ("số quyết định", "number of the decision"),
    "decision/date": ("ngày quyết định", "date of the decision"),
    "certificate_number": ("số giấy chứng nhận", "number of the certificate"),
}
#: By path in what a council's secretariat files: `council.convened`, `scorecard.filed`, `council.concluded`.
COUNCIL_FIELDS: dict[str, tuple[str, str]] = {
    "product_code": FIELDS["product_code"],
    "session": ("mã phiên họp", "session's id"),
    "level": ("cấp hội đồng", "council's level"),
    "province_code": ("mã tỉnh, thành phố", "province code"),
    "regulation": ("quy chế của hội đồng", "council's regulation"),
    "members": ("danh sách thành viên", "list of members"),
    "members/*": ("thành viên thứ {}", "member {}"),
    "members/*/id": ("mã của thành viên thứ {}", "id of member {}"),
    "members/*/office": ("cơ quan của thành viên thứ {}", "office of member {}"),
    "members/*/seat": ("vai trò của thành viên thứ {}", "seat of member {}"),
    "products": ("danh sách sản phẩm", "list of products"),
    "products/*": ("sản phẩm thứ {}", "product {}"),
    "replaces": ("phiên họp được thay", "session that is replaced"),
    "member": ("mã thành viên", "member's id"),
    "score_sheet": ("mã phiếu chấm điểm", "score sheet's code"),
    "answers": ("danh sách mức chấm", "list of answers"),
    "answers/*": ("mức chấm thứ {}", "answer {}"),
    "answers/*/criterion": ("tiêu chí của mức chấm thứ {}", "criterion of answer {}"),
    "answers/*/option": ("phương án của mức chấm thứ {}", "option of answer {}"),
    "answers/*/evidence": ("minh chứng của mức chấm thứ {}", "evidence of answer {}"),
    "eliminations": ("danh sách tiêu chí bị loại", "list of eliminations"),
    "eliminations/*": ("tiêu chí bị loại thứ {}", "elimination {}"),
    "remarks": ("ý kiến của người đánh giá", "remarks"),
    "way": ("hình thức làm việc", "way of working"),
    "present": ("danh sách thành viên có mặt", "list of members present"),
    "present/*": ("thành viên có mặt thứ {}", "member present {}"),
    "presided_by": ("người chủ trì", "who presided"),
    "agreed": ("danh sách mức thống nhất", "list of agreed options"),
    "agreed/*": ("mức thống nhất thứ {}", "agreed option {}"),
    "agreed/*/criterion": ("tiêu chí của mức thống nhất thứ {}", "criterion of agreed option {}"),
    "agreed/*/option": ("phương án của mức thống nhất thứ {}", "option of agreed option {}"),
    "agreed/*/evidence": ("minh chứng của mức thống nhất thứ {}", "evidence of agreed option {}"),
    "held_on": ("ngày họp", "day of the minutes"),
}
#: By path in what is filed about certificates.
CERTIFICATE_FIELDS: dict[str, tuple[str, str]] = {
    "certificate": ("giấy chứng nhận", "certificate"),
    "certificate/number": ("số giấy chứng nhận", "certificate's number"),
    "certificate/stars": ("số sao", "stars"),
    "certificate/authority": ("cơ quan công nhận", "authority"),
    "certificate/decision": ("quyết định công nhận", "decision"),
    "certificate/decision/number": ("số quyết định công nhận", "decision's number"),
    "certificate/decision/date": ("ngày quyết định công nhận", "decision's date"),
    "certificate/last_day": ("ngày hết hiệu lực", "last day"),
    "certificate/legal_document": ("văn bản căn cứ", "legal document"),
    "re_evaluation_filed_on": ("ngày nộp hồ sơ đánh giá lại", "day on which the re-evaluation was filed"),
    "certificate_number": ("số giấy chứng nhận", "certificate's number"),
    "new_number": ("số giấy chứng nhận đúng", "certificate's right number"),
    "stars": ("số sao", "stars"),
    "letter": ("văn bản", "letter"),
    "letter/number": ("số văn bản", "letter's number"),
    "letter/date": ("ngày văn bản", "letter's date"),
    "decision": ("quyết định", "decision"),
    "decision/number": ("số quyết định", "decision's number"),
    "decision/date": ("ngày quyết định", "decision's date"),
    "reason": ("lý do", "reason"),
    "ground": ("căn cứ thu hồi (Điều 8)", "ground of the revocation (Art. 8)"),
    "concluded_on": ("ngày kết luận", "day of the conclusion"),
}
#: All of them: what is called alike has one name.
_NAMES = FIELDS | CONTACT_FIELDS | ROUND_FIELDS | COUNCIL_FIELDS | CERTIFICATE_FIELDS


def plain(path: Sequence[str | int]) -> str:
    """Return the path of a field as `FIELDS` has it."""
    return "/".join("*" if isinstance(step, int) else step for step in path)


def field(path: Sequence[str | int]) -> tuple[str, str]:
    """Return what a field is called: Vietnamese, English."""
    numbers = [step + 1 for step in path if isinstance(step, int)]
    vi, en = _NAMES.get(plain(path), (plain(path), plain(path)))
    return vi.format(*numbers), en.format(*numbers)


DOCUMENTS: dict[DocumentType, tuple[str, str]] = {
    DocumentType.REGISTRATION_FORM: ("Phiếu đăng ký sản phẩm (Mẫu 01)", "registration form (Form 01)"),
    DocumentType.SELF_ASSESSMENT_REPORT: ("Báo cáo tự đánh giá (Mẫu 02)", "self-assessment report (Form 02)"),
    DocumentType.CHANGE_REPORT: ("Báo cáo nội dung thay đổi, cập nhật", "report of what has changed"),
    DocumentType.BUSINESS_REGISTRATION: ("Giấy đăng ký kinh doanh hoặc giấy thành lập", "business registration"),
    DocumentType.FOOD_SAFETY_CERTIFICATE: (
        "Giấy chứng nhận cơ sở đủ điều kiện an toàn thực phẩm (hoặc giấy tương đương)",
        "food safety certificate (or its equivalent)",
    ),
    DocumentType.TEST_REPORT: ("Phiếu kết quả kiểm nghiệm định kỳ", "report of the periodic tests"),
}

VALUES: dict[str, tuple[str, str]] = {
    RegistrationKind.FIRST: ("đăng ký lần đầu", "first registration"),
    RegistrationKind.UPGRADE: ("nâng hạng sao", "upgrade"),
    RegistrationKind.RE_EVALUATION: ("đánh giá, phân hạng lại", "re-evaluation"),
    ProducerKind.COOPERATIVE: ("hợp tác xã", "cooperative"),
    ProducerKind.COOPERATIVE_GROUP: ("tổ hợp tác", "cooperative group"),
    ProducerKind.ENTERPRISE: ("doanh nghiệp nhỏ và vừa", "small or medium enterprise"),
    ProducerKind.FARM: ("trang trại", "farm"),
    ProducerKind.HOUSEHOLD: ("hộ sản xuất", "household producer"),
    ProducerKind.FAMILY_BUSINESS: ("hộ gia đình có đăng ký kinh doanh", "registered family business"),
    ProducerKind.ASSOCIATION: ("hội, hiệp hội", "association"),
    ProducerKind.OPERATING_CENTRE: ("trung tâm điều hành", "operating centre"),
    "vi": ("tiếng Việt", "Vietnamese"),
    "en": ("tiếng Anh", "English"),
}

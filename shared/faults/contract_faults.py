"""Decide: what is wrong with the shape of a dossier, said so that whoever filled it in understands.

pydantic finds the errors; here they become faults. An error type that is not known here still becomes a fault.
"""

import re
from collections.abc import Callable

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault

#: What is found in a field: Vietnamese, English.
_FOUND: dict[type, tuple[str, str]] = {
    type(None): ("giá trị trống", "null"),
    bool: ("đúng/sai", "true or false"),
    int: ("số", "a number"),
    float: ("số thập phân", "a decimal number"),
    str: ("chữ", "text"),
    list: ("danh sách", "a list"),
    dict: ("nhóm thông tin", "an object"),
}

#: What a field has to be, by pydantic's error type.
_EXPECTED_KIND: dict[str, tuple[str, str]] = {
    "string_type": ("chữ (đặt trong dấu ngoặc kép)", "text"),
    "int_type": ("số nguyên", "a whole number"),
    "bool_type": ("đúng hoặc sai (true/false)", "true or false"),
    "bool_parsing": ("đúng hoặc sai (true/false)", "true or false"),
    "tuple_type": ("danh sách", "a list"),
    "model_type": ("nhóm thông tin", "an object"),
}

#: What a field has to look like, by its name; other text is one line without control characters.
_EXPECTED_FORM: dict[str, tuple[str, str]] = {
    "province_code": ("phải gồm đúng 2 chữ số, ví dụ 01", "2 digits, such as 01"),
    "commune_code": ("phải gồm đúng 5 chữ số, ví dụ 09574", "5 digits, such as 09574"),
    "product_code": (
        "phải gồm mã tỉnh, mã xã, số thứ tự và năm, ví dụ 01-09574-1-2026",
        "province, commune, serial number and year, such as 01-09574-1-2026",
    ),
    "location": (
        "phải là một đường dẫn không có khoảng trắng, ví dụ https://example.vn/giay-to.pdf",
        "an address without spaces, such as https://example.vn/paper.pdf",
    ),
    "url": (
        "phải là địa chỉ web bắt đầu bằng https://, không có khoảng trắng, ví dụ https://example.vn/san-pham",
        "a web address that begins with https://, without spaces, such as https://example.vn/product",
    ),
    "sha256": ("phải gồm đúng 64 ký tự từ 0 đến 9 và từ a đến f", "64 hexadecimal digits"),
    "product_set": ("phải là số từ 1 đến 26", "a number from 1 to 26"),
    "stars": ("phải là số từ 3 đến 5", "a number from 3 to 5"),
    "samples": ("phải là 5 (du lịch, bộ 26, là 0)", "5 (for tourism, set 26, 0)"),
    "option": (
        "phải là số thứ tự của phương án trên phiếu, từ 1 trở lên",
        "the option's position on the sheet, from 1 up",
    ),
}
_PLAIN_TEXT = ("không được chứa ký tự điều khiển ẩn", "text without control characters")


#: Province, district, commune, serial number and year: a code from before districts ended on 1 July 2025.
_FORMER_CODE = re.compile(r"\d{1,3}-\d{1,4}-\d{1,6}-\d{1,4}-20\d\d", re.ASCII)
_FORMER_CODE_GIVEN = (
    (
        "là mã cũ gồm năm phần (có mã huyện), cấp trước khi dùng hệ thống này. Hãy đề nghị cơ quan quản lý OCOP "
        "nhập giấy chứng nhận của sản phẩm vào hệ thống, rồi nộp lại với mã mới; đừng đăng ký lần đầu."
    ),
    (
        "is a former code of five parts (with a district), given before this system was used. Ask the OCOP office "
        "to bring the product's certificate into the system, and file again under its new code; do not register "
        "it for the first time."
    ),
)


def contract_faults(error: ValidationError) -> list[Fault]:
    """Return one fault for each error that the contract found."""
    return [_fault(details) for details in error.errors(include_url=False)]


def _fault(error: ErrorDetails) -> Fault:
    code, sentences = _SENTENCES.get(error["type"], _INVALID)
    vi, en = sentences(error)
    vi_name, en_name = names.field(error["loc"])
    return fault(error["loc"], code, f"Mục “{vi_name}” {vi}", f"The {en_name} {en}")


def _missing(_: ErrorDetails) -> tuple[str, str]:
    return "còn thiếu. Hãy bổ sung mục này.", "is missing. Add it."


def _wrong_kind(error: ErrorDetails) -> tuple[str, str]:
    vi_found, en_found = _FOUND.get(type(error["input"]), ("giá trị lạ", "something else"))
    vi, en = _EXPECTED_KIND[error["type"]]
    return f"đang là {vi_found}, cần là {vi}. Hãy nhập lại.", f"is {en_found} and has to be {en}. Enter it again."


def _too_short(_: ErrorDetails) -> tuple[str, str]:
    return "đang để trống. Hãy điền mục này.", "is empty. Fill it in."


def _too_long(error: ErrorDetails) -> tuple[str, str]:
    most: int = error["ctx"]["max_length"]
    if isinstance(error["input"], list):
        return f"có quá {most} dòng. Hãy bớt còn tối đa {most} dòng.", f"has over {most} entries. Keep {most} at most."
    return f"dài quá {most} ký tự. Hãy viết ngắn lại.", f"is over {most} characters long. Shorten it."


def _wrong_form(error: ErrorDetails) -> tuple[str, str]:
    if error["loc"][-1] == "product_code" and _FORMER_CODE.fullmatch(str(error["input"]).strip()):
        return _FORMER_CODE_GIVEN
    vi, en = _EXPECTED_FORM.get(str(error["loc"][-1]), _PLAIN_TEXT)
    return f"chưa đúng: {vi}. Hãy nhập lại.", f"is not as it should be: {en}. Enter it again."


def _not_allowed(error: ErrorDetails) -> tuple[str, str]:
    allowed: list[str] = re.findall(r"'([^']+)'", error["ctx"]["expected"])
    vi, en = ", ".join(map(_value_vi, allowed)), ", ".join(allowed)
    return f"chỉ nhận một trong các giá trị: {vi}. Hãy chọn lại.", f"has to be one of: {en}. Choose again."


def _value_vi(value: str) -> str:
    return f"{value} ({names.VALUES[value][0]})" if value in names.VALUES else value


def _broken_characters(_: ErrorDetails) -> tuple[str, str]:
    return "có ký tự bị hỏng. Hãy gõ lại.", "has broken characters (half a surrogate pair). Type it again."


def _unknown(_: ErrorDetails) -> tuple[str, str]:
    return "không hợp lệ. Hãy kiểm tra và nhập lại.", "is not valid. Check it and enter it again."


_Sentences = Callable[[ErrorDetails], tuple[str, str]]
_INVALID: tuple[DossierFault, _Sentences] = (DossierFault.INVALID, _unknown)

#: By pydantic's error type: our stable code, and what is said of the field.
_SENTENCES: dict[str, tuple[DossierFault, _Sentences]] = {
    "missing": (DossierFault.MISSING, _missing),
    **dict.fromkeys(_EXPECTED_KIND, (DossierFault.WRONG_TYPE, _wrong_kind)),
    "string_too_short": (DossierFault.EMPTY, _too_short),
    "too_short": (DossierFault.EMPTY, _too_short),
    "string_too_long": (DossierFault.TOO_LONG, _too_long),
    "too_long": (DossierFault.TOO_LONG, _too_long),
    "string_pattern_mismatch": (DossierFault.WRONG_FORMAT, _wrong_form),
    "greater_than_equal": (DossierFault.OUT_OF_RANGE, _wrong_form),
    "less_than_equal": (DossierFault.OUT_OF_RANGE, _wrong_form),
    "enum": (DossierFault.NOT_ALLOWED, _not_allowed),
    "literal_error": (DossierFault.NOT_ALLOWED, _not_allowed),
    "string_unicode": (DossierFault.BROKEN_CHARACTERS, _broken_characters),
}

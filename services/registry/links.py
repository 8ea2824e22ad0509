"""Decide: may the addresses that a dossier names for the public, photographs and shops, be shown to everybody."""

from services.registry.disclosure import OwnContact
from services.registry.papers import HTTPS, is_open_to_others
from services.registry.reading import FiledLink, FiledProducer, Reading
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Bilingual, Fault
from shared.faults import names
from shared.faults.fault import fault
from shared.masking import mask_text
from shared.personal_number import hide

_NOT_OPEN = Bilingual(
    vi="phải là địa chỉ web mà ai cũng mở được, bắt đầu bằng https://, không có tên người dùng hay mật khẩu, ví dụ "
    "https://example.vn/san-pham. Hãy nhập lại.",
    en="a web address that everybody can open, beginning with https://, without user and password, such as "
    "https://example.vn/product. Enter it again.",
)
_PERSONAL = Bilingual(
    vi="không được chứa số điện thoại, thư điện tử hay số định danh cá nhân, vì ai cũng xem được. Hãy dùng địa chỉ "
    "khác, ví dụ trang của cửa hàng.",
    en="an address without a telephone number, an e-mail address or a personal number, since everybody sees it. Give "
    "another one, such as the shop's page.",
)


def link_faults(reading: Reading) -> list[Fault]:
    """Return the fault of each address that not everybody can open, or that says how to reach or identify a person."""
    judged = ((each, _wrong_with(each.url, reading.producer)) for each in reading.links)
    return [_fault(each, wrong) for each, wrong in judged if wrong]


def _wrong_with(url: str, producer: FiledProducer | None) -> Bilingual | None:
    if not is_open_to_others(url, HTTPS):
        return _NOT_OPEN
    return _PERSONAL if mask_text(url) != url or (producer and _is_hers(url, producer)) else None


def _is_hers(url: str, producer: FiledProducer) -> bool:
    return OwnContact.of(producer.phone, producer.email).is_in(url) or hide(url, producer.own_numbers) != url


def _fault(link: FiledLink, wrong: Bilingual) -> Fault:
    path = ("product", link.of, link.position, "url")
    vi_name, en_name = names.field(path)
    vi, en = f"Mục “{vi_name}” chưa đúng: {wrong.vi}", f"The {en_name} is not as it should be: {wrong.en}"
    return fault(path, DossierFault.WRONG_FORMAT, vi, en)

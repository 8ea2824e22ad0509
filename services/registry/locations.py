"""Decide: whether a document lies where others can open it."""

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from services.registry.reading import FiledDocument
from services.registry.spelling import is_invisible
from shared.contracts.fault_codes import DossierFault
from shared.contracts.text import Fault
from shared.faults import names
from shared.faults.fault import fault

#: What an address may begin with, where the settings say nothing.
HTTPS = frozenset({"https"})
#: Schemes whose address names a host of the internet; another's authority may be a bucket, say.
_OF_HOSTS = frozenset({"http", "https", "ftp", "ftps", "sftp"})
#: Last labels that no name server of the internet answers: Special-Use Domain Names (RFC 6761 and its registry), and
#: what people call their own networks.
_PRIVATE = frozenset(
    {
        *("alt", "example", "internal", "invalid", "local", "localhost", "onion", "test"),
        *("corp", "domain", "home", "intranet", "lan", "localdomain", "private", "workgroup"),
    }
)
_HOME = ("home", "arpa")
#: Endings of files that are no top-level domains: who wrote a file's name as host. (`zip` and `mov` are domains.)
_FILES = frozenset(
    {"bmp", "doc", "docx", "gif", "heic", "jpeg", "jpg", "pdf", "png", "rar", "tif", "tiff", "xls", "xlsx"}
)
#: What stands for a dot between labels (RFC 3490, section 3.1).
_DOTS = str.maketrans("。．｡", "...")
#: IPv6 addresses whose last 32 bits are an IPv4 address: by NAT64 (RFC 6052), and the IPv4-compatible (RFC 4291).
_WITH_IPV4 = (IPv6Network("64:ff9b::/96"), IPv6Network("::/96"))
_LABEL = re.compile(r"(?!-)[^\W_]([\w-]{0,61}[^\W_])?")
#: An IPv6 address as an authority has it: nothing but a port stands behind the bracket.
_BRACKETED = re.compile(r"\[[^\]]*\](:[0-9]*)?")
#: A number in any of the forms in which programs write IPv4 addresses: 127.1, 0x7f000001, 017700000001.
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


def location_faults(documents: Iterable[FiledDocument], schemes: frozenset[str]) -> list[Fault]:
    """Return the fault of each document whose location only its sender can open, or nobody.

    `schemes` are what an address may begin with, in small letters.
    """
    return [
        _fault(each.position, schemes)
        for each in documents
        if each.location and not _is_open_to_others(each.location, schemes)
    ]


def _is_open_to_others(location: str, schemes: frozenset[str]) -> bool:
    if "\\" in location or not (location.isascii() or all(map(_is_seen, location))):
        return False
    try:
        parts = urlsplit(location)
        _ = parts.port
    except ValueError:  # no port, no IPv6 address
        return False
    if parts.scheme not in schemes or "@" in parts.netloc:
        return False
    return _names_a_host(parts) if parts.scheme in _OF_HOSTS else bool(parts.netloc or parts.path.strip("/"))


def _is_seen(character: str) -> bool:
    return not (character.isspace() or is_invisible(character))


def _names_a_host(parts: SplitResult) -> bool:
    host = unicodedata.normalize("NFC", parts.hostname or "").translate(_DOTS).removesuffix(".")
    if parts.netloc.startswith("["):
        return bool(_BRACKETED.fullmatch(parts.netloc)) and _is_public_address(host)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _is_public_address(host)
    known = labels[-1] not in _PRIVATE | _FILES and tuple(labels[-2:]) != _HOME
    return known and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))


def _is_public_address(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return all(each.is_global and not each.is_multicast for each in (address, *_ipv4_in(address)))


def _ipv4_in(address: IPv4Address | IPv6Address) -> list[IPv4Address]:
    """Return the IPv4 address that an IPv6 address leads to."""
    if isinstance(address, IPv4Address):
        return []
    if any(address in network for network in _WITH_IPV4):
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [found for found in (address.ipv4_mapped, address.sixtofour) if found]


def _fault(position: int, schemes: frozenset[str]) -> Fault:
    path = ("documents", position, "location")
    vi_name, en_name = names.field(path)
    allowed = ", ".join(f"{scheme}://" for scheme in sorted(schemes))
    return fault(
        path,
        DossierFault.WRONG_FORMAT,
        f"Mục “{vi_name}” chưa đúng: phải là địa chỉ mà người khác mở được, bắt đầu bằng {allowed}, ví dụ "
        "https://example.vn/giay-to.pdf; không phải tệp trên máy của bạn. Hãy tải giấy tờ lên rồi nhập lại.",
        f"The {en_name} is not as it should be: an address that others can open, beginning with {allowed}, such as "
        "https://example.vn/paper.pdf, and no file of your own computer. Upload the document and enter it again.",
    )

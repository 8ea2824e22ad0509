"""A document lies where others can open it: at an address of the internet, by a scheme that the settings name."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.registry.intake import examine
from services.registry.papers import HTTPS, location_faults
from services.registry.reading import FiledDocument
from tests.unit.registry.dossiers import changed


def is_refused(location: str, schemes: frozenset[str] = HTTPS) -> bool:
    return bool(location_faults([FiledDocument(0, None, None, location)], schemes))


@pytest.mark.parametrize(
    "location",
    [
        "https://example.vn/mau-01.pdf",
        "HTTPS://Example.VN/mau-01.pdf",
        "https://example.vn",
        "https://example.vn.",
        "https://example.vn:8443/a?b=c#d",
        "https://drive.google.com/file/d/1a2B_3c/view?usp=sharing",
        "https://bucket_name.s3.ap-southeast-1.amazonaws.com/ocop/mau%2001.pdf",
        "https://ocop.sơn-tây.vn/mẫu-01.pdf",
        "https://xn--sn-ty-dqa.vn/",
        "https://203.113.152.1/mau.pdf",
        "https://[2606:4700:4700::1111]/mau.pdf",
        "https://example.vn/~htx/@mau",
        unicodedata.normalize("NFD", "https://giấy.việt/a"),
        "https://example。vn/a",
        "https://example.vn．/a",
        "https://giay.to.zip/",
        "https://[2606:4700:4700::1111]:8443/mau.pdf",
        "https://[64:ff9b::cb71:9801]/mau.pdf",
    ],
)
def test_an_address_of_the_internet_is_taken(location: str) -> None:
    assert not is_refused(location)


@pytest.mark.parametrize(
    "location",
    [
        pytest.param(r"C:\OCOP\mau-01.pdf", id="drive letter"),
        pytest.param("C:/OCOP/mau-01.pdf", id="drive letter, slashes"),
        pytest.param("d:mau-01.pdf", id="drive letter, relative"),
        pytest.param(r"\\may-chu\ocop\mau-01.pdf", id="UNC path"),
        pytest.param("//may-chu/ocop/mau-01.pdf", id="UNC path, slashes"),
        pytest.param("/home/htx/mau-01.pdf", id="path of Unix"),
        pytest.param("mau-01.pdf", id="file name"),
        pytest.param("../mau-01.pdf", id="relative path"),
        pytest.param("www.example.vn/mau-01.pdf", id="no scheme"),
        pytest.param("example.vn:443/mau-01.pdf", id="host and port"),
        pytest.param("file:///C:/OCOP/mau-01.pdf", id="file"),
        pytest.param("FILE://may-chu/ocop/mau.pdf", id="file of a server"),
        pytest.param("http://example.vn/mau-01.pdf", id="not encrypted"),
        pytest.param("ftp://example.vn/mau-01.pdf", id="FTP"),
        pytest.param("s3://bucket/mau-01.pdf", id="S3"),
        pytest.param("smb://may-chu/mau.pdf", id="SMB"),
        pytest.param("mailto:htx@example.vn", id="mail"),
        pytest.param("data:application/pdf;base64,JVBERi0=", id="the document itself"),
        pytest.param("urn:uuid:6f636f70-2026-5000-8000-000000000026", id="URN"),
        pytest.param("content://com.android.providers/1", id="telephone"),
        pytest.param("https:example.vn/mau.pdf", id="no slashes"),
        pytest.param("https:/example.vn/mau.pdf", id="one slash"),
        pytest.param("https:///mau.pdf", id="no host"),
        pytest.param("https://", id="nothing"),
        pytest.param("https://:443/mau.pdf", id="a port alone"),
        pytest.param(r"https:\\example.vn\mau.pdf", id="backslashes"),
        pytest.param("https://C:/OCOP/mau.pdf", id="drive letter behind a scheme"),
        pytest.param("https://localhost/mau.pdf", id="this machine"),
        pytest.param("https://LOCALHOST:8080/mau.pdf", id="this machine, port"),
        pytest.param("https://mau.localhost/", id="below this machine"),
        pytest.param("https://127.0.0.1/mau.pdf", id="loopback"),
        pytest.param("https://127.1/mau.pdf", id="loopback, short"),
        pytest.param("https://2130706433/mau.pdf", id="loopback, one number"),
        pytest.param("https://0x7f000001/mau.pdf", id="loopback, hexadecimal"),
        pytest.param("https://0177.0.0.1/mau.pdf", id="loopback, octal"),
        pytest.param("https://0.0.0.0/mau.pdf", id="any address"),
        pytest.param("https://[::1]/mau.pdf", id="loopback, IPv6"),
        pytest.param("https://[::ffff:127.0.0.1]/mau.pdf", id="loopback, mapped"),
        pytest.param("https://[fe80::1]/mau.pdf", id="link-local"),
        pytest.param("https://[fd00::1]/mau.pdf", id="unique local"),
        pytest.param("https://192.168.1.5/mau.pdf", id="private"),
        pytest.param("https://10.0.0.1/mau.pdf", id="private, 10"),
        pytest.param("https://172.16.0.1/mau.pdf", id="private, 172.16"),
        pytest.param("https://169.254.1.1/mau.pdf", id="link-local, IPv4"),
        pytest.param("https://100.64.0.1/mau.pdf", id="carrier's own"),
        pytest.param("https://999.1.1.1/mau.pdf", id="no address"),
        pytest.param("https://[nonsense]/mau.pdf", id="no IPv6 address"),
        pytest.param("https://scan001.jpg", id="a file as host"),
        pytest.param("https://dang-ky.pdf", id="a PDF as host"),
        pytest.param("https://giay.to.PDF/", id="a PDF as host, with dots"),
        pytest.param("https://224.0.0.1/", id="multicast"),
        pytest.param("https://[ff02::1]/", id="multicast, IPv6"),
        pytest.param("https://[ff0e::1]/", id="multicast, IPv6, global"),
        pytest.param("https://[64:ff9b::7f00:1]/", id="loopback by NAT64"),
        pytest.param("https://[2002:7f00:1::]/", id="loopback by 6to4"),
        pytest.param("https://[::7f00:1]/", id="loopback, IPv4-compatible"),
        pytest.param("https://[2001:4860:4860::8888]evil/", id="text behind an address"),
        pytest.param("https://127。0。0。1/", id="loopback with ideographic dots"),
        pytest.param("https://may-chu/mau.pdf", id="a name without a domain"),
        pytest.param("https://nas.local/mau.pdf", id="mDNS"),
        pytest.param("https://ocop.internal/mau.pdf", id="internal"),
        pytest.param("https://ocop.lan/mau.pdf", id="own network"),
        pytest.param("https://ocop.test/mau.pdf", id="for tests"),
        pytest.param("https://nas.home.arpa/mau.pdf", id="home"),
        pytest.param("https://ocop:mat-khau@example.vn/mau.pdf", id="credentials"),
        pytest.param("https://ocop@example.vn/mau.pdf", id="user"),
        pytest.param("https://example.vn:cổng/mau.pdf", id="no port"),
        pytest.param("https://example.vn:70000/mau.pdf", id="a port too large"),
        pytest.param("https://exa%6dple.vn/mau.pdf", id="encoded host"),
        pytest.param("https://-example.vn/mau.pdf", id="label that begins with a hyphen"),
        pytest.param("https://example..vn/mau.pdf", id="empty label"),
        pytest.param("https://example.vn/mau\u200b.pdf", id="zero width"),
        pytest.param("https://example.vn/mau\u00a001.pdf", id="hard space"),
    ],
)
def test_what_only_its_sender_can_open_is_refused(location: str) -> None:
    faults = examine(changed({"/documents/2/location": location})).faults

    assert [(fault.pointer, fault.code) for fault in faults] == [("/documents/2/location", "wrong-format")]


@pytest.mark.parametrize(
    ("location", "scheme", "refused"),
    [
        pytest.param("s3://bucket/mau-01.pdf", "s3", False, id="S3"),
        pytest.param("s3://", "s3", True, id="S3, nothing"),
        pytest.param("s3://key:secret@bucket/mau.pdf", "s3", True, id="S3 with credentials"),
        pytest.param("ftp://ftp.example.vn/mau.pdf", "ftp", False, id="FTP"),
        pytest.param("ftp://192.168.1.5/mau.pdf", "ftp", True, id="FTP of one's own network"),
        pytest.param("http://example.vn/mau.pdf", "http", False, id="not encrypted"),
        pytest.param("urn:uuid:6f636f70-2026-5000-8000-000000000026", "urn", False, id="URN"),
    ],
)
def test_the_settings_may_name_other_schemes(location: str, scheme: str, refused: bool) -> None:
    assert is_refused(location, HTTPS | {scheme}) is refused


def test_the_fault_says_what_an_address_begins_with() -> None:
    (fault,) = location_faults([FiledDocument(1, None, None, "C:/mau.pdf")], frozenset({"https", "s3"}))

    assert "giấy tờ thứ 2" in fault.message.vi
    assert "https://, s3://" in fault.message.vi
    assert "https://, s3://" in fault.message.en
    assert "C:/mau.pdf" not in fault.message.en


@example("https://[v1.a]/x")
@example("https://[v1F.:]/")
@given(st.from_regex(r"https?://\[?[v0-9a-f:.\[\]%@١。-]{0,12}\]?[:/a0-9]{0,3}", fullmatch=True) | st.text(max_size=20))
def test_any_address_gets_an_answer(location: str) -> None:
    assert is_refused(location) in {True, False}


@pytest.mark.parametrize("location", ["https://[v1.a]/x", "https://[v1F.:]/"])
def test_an_address_of_a_future_version_of_the_internet_protocol_is_refused(location: str) -> None:
    assert is_refused(location)

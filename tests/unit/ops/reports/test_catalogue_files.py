"""The catalogue as a page, as JSON-LD and as CSV: the same entries, each by the rules of its format."""

import base64
import csv
import hashlib
import io
import json
import re
import struct
import zlib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import zxingcpp

from ops.language import Language
from ops.reports.catalogue.files import write_whole
from ops.reports.catalogue.json_ld import as_json_ld
from ops.reports.catalogue.page import Page
from ops.reports.catalogue.rows import as_csv
from ops.reports.catalogue.verification import Verification
from services.registry.gazetteer import meant
from shared.contracts.dossier import SalesLink
from tests.unit.ops.reports.catalogued import CAKES, TEA, TODAY, TOKEN, cakes, listed, tea

VERIFICATION = Verification("https://kiemtra.example.vn/ocop")
HOSTILE = "<script>alert(1)</script>\"'&"

#: Of schema.org 30.0 (CC BY-SA 3.0): of each type that is used, its properties that are, and of what type they may be.
VOCABULARY: dict[str, dict[str, set[str]]] = {
    "Product": {
        "productID": {"Text"},
        "name": {"Text"},
        "category": {"Text"},
        "countryOfOrigin": {"Country"},
        "manufacturer": {"Organization"},
        "hasCertification": {"Certification"},
        "award": {"Text"},
        "image": {"ImageObject", "URL"},
        "offers": {"Offer", "Demand"},
    },
    "Country": {"name": {"Text"}},
    "Organization": {"name": {"Text"}, "address": {"PostalAddress", "Text"}},
    "GovernmentOrganization": {"name": {"Text"}},
    "PostalAddress": {"addressLocality": {"Text"}, "addressRegion": {"Text"}, "addressCountry": {"Text", "Country"}},
    "Certification": {
        "name": {"Text"},
        "certificationIdentification": {"Text"},
        "certificationStatus": {"CertificationStatusEnumeration"},
        "certificationRating": {"Rating"},
        "issuedBy": {"Organization", "GovernmentOrganization"},
        "validFrom": {"Date"},
        "expires": {"Date"},
        "url": {"URL"},
    },
    "Rating": {"ratingValue": {"Number", "Text"}, "bestRating": {"Number"}, "worstRating": {"Number"}},
    "ImageObject": {"contentUrl": {"URL"}, "caption": {"Text"}},
    "Offer": {"url": {"URL"}, "seller": {"Organization", "Person"}},
}


class Elements(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of all elements of a kind."""
        return [attributes for found, attributes in self.found if found == tag]


def page(*products: Any, language: Language = Language.VI, verification: Verification = VERIFICATION) -> Elements:
    return Elements(Page(TODAY, None, language, verification).render(listed(*products)))


def test_the_page_fetches_nothing_and_has_no_script() -> None:
    shown = page(tea(), cakes())

    assert {tag for tag, _ in shown.found}.isdisjoint({"script", "link", "iframe", "object", "form", "base"})
    assert [each["src"] for each in shown.of("img") if not str(each["src"]).startswith("data:image/png;")] == []
    assert [each for _, each in shown.found if any(name.startswith("on") or name == "style" for name in each)] == []
    assert "url(" not in shown.text


def test_the_page_s_policy_lets_its_own_style_and_pictures_in_and_nothing_else() -> None:
    text = Page(TODAY).render(listed(tea()))
    style = text.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = (each["content"] for each in Elements(text).of("meta") if "http-equiv" in each)

    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )


def test_what_somebody_has_filed_stays_text() -> None:
    shop = SalesLink(url="https://a.example.vn/?a=%22&b='", shop=HOSTILE)
    shown = page(tea(name=HOSTILE, producer_name=HOSTILE, sales_links=(shop,)))

    assert shown.of("script") == []
    assert shown.text.count(HOSTILE) == 3
    assert "https://a.example.vn/?a=%22&b='" in [each["href"] for each in shown.of("a")]


def test_a_screen_reader_finds_its_way() -> None:
    shown = page(tea(), cakes(product_set=21))

    assert [each["lang"] for each in shown.of("html")] == ["vi"]
    assert re.findall("h[1-6]", " ".join(tag for tag, _ in shown.found)) == ["h1", "h2", "h3", "h2", "h3"]
    ids = [str(each["id"]) for _, each in shown.found if "id" in each]
    assert len(ids) == len(set(ids))
    within = [str(each["href"]).removeprefix("#") for each in shown.of("a") if str(each["href"]).startswith("#")]
    assert within == ["products", "group-I", "group-IV"]
    assert set(within) <= set(ids)
    assert [each["alt"] for each in shown.of("img")] == ["Mã QR để kiểm tra giấy chứng nhận của Chè đinh Hảo Đạt"]


def decoded(picture: dict[str, str | None]) -> list[str]:
    """Return what is read in a picture of a page."""
    png = base64.b64decode(str(picture["src"]).partition(",")[2])
    width, height, depth = struct.unpack(">IIB", png[16:25])
    packed = zlib.decompress(png[png.index(b"IDAT") + 4 : png.index(b"IEND") - 8])  # rows behind the byte of a filter
    assert depth == 1
    row, stride, pixels = bytes((width + 7) // 8), (width + 7) // 8 + 1, bytearray()
    for begin in range(0, len(packed), stride):
        what, *line = packed[begin : begin + stride]
        row = bytes((each + above * (what == 2)) % 256 for each, above in zip(line, row, strict=True))
        pixels += bytes(255 * int(bit) for byte in row for bit in f"{byte:08b}")[:width]
    drawn = memoryview(bytes(pixels)).cast("B", (height, width))
    return [each.text for each in zxingcpp.read_barcodes(drawn)]


@pytest.mark.parametrize(
    ("verification", "said"),
    [(Verification(), TOKEN), (VERIFICATION, f"https://kiemtra.example.vn/ocop#{TOKEN}")],
    ids=["as on paper", "a page that checks"],
)
def test_the_qr_code_says_the_token_or_the_page_that_checks_it(verification: Verification, said: str) -> None:
    shown = page(tea(), cakes(), verification=verification)
    (picture,) = shown.of("img")

    assert decoded(picture) == [said]
    assert picture["width"] == picture["height"] != "0"
    assert (said in [each["href"] for each in shown.of("a")]) == (verification is VERIFICATION)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (Language.VI, ("Sản phẩm OCOP được công nhận", "29/11/2026: 2 sản phẩm", "Hộ gia đình có đăng ký kinh doanh")),
        (Language.EN, ("Certified OCOP products", "2026-11-29: 2 products", "Registered family business")),
    ],
)
def test_the_page_speaks_its_language_whatever_is_spoken_around_it(language: Language, words: tuple[str, ...]) -> None:
    shown = page(tea(), cakes(), language=language)

    assert [each for each in words if each not in shown.text] == []
    assert "Nguyễn Thị Hưng Vân" not in shown.text


def test_the_page_of_a_place_says_which_and_that_there_is_nothing() -> None:
    shown = Elements(Page(TODAY, meant("09574")[0]).render([]))

    assert "Phường Sơn Tây, Hà Nội" in shown.text
    assert "chưa có sản phẩm nào" in shown.text


def test_what_is_extended_is_said_to_be() -> None:
    from datetime import timedelta

    from services.registry.rounds import CertificateStatus
    from tests.unit.registry.products import held, product

    extended = held(3, last_day=TODAY, status=CertificateStatus.EXTENDED, until=TODAY + timedelta(days=30))
    text = Page(TODAY).render(listed(product(extended), day=TODAY + timedelta(days=1)))

    assert "được kéo dài đến khi có kết quả phân hạng lại, chậm nhất đến 29/12/2026" in text


def graph(*products: Any) -> list[dict[str, Any]]:
    said = json.loads(as_json_ld(listed(*products), VERIFICATION))
    assert said["@context"] == "https://schema.org"
    found: list[dict[str, Any]] = said["@graph"]
    return found


def unknown(node: dict[str, Any]) -> list[str]:
    """Return what the vocabulary does not have of a node and those in it."""
    known, wrong = VOCABULARY[node["@type"]], []
    for name, values in node.items():
        for value in values if isinstance(values, list) else [values]:
            if name in {"@type", "@id"}:
                continue
            if name not in known:
                wrong.append(f"{node['@type']}.{name}")
            elif isinstance(value, dict):
                wrong += unknown(value) if value["@type"] in known[name] else [f"{name}: {value['@type']}"]
            elif not known[name] & {"Text", "URL", "Date", "Number", "CertificationStatusEnumeration"}:
                wrong.append(f"{name}: {value}")
    return wrong


def test_json_ld_says_nothing_that_schema_org_does_not_know() -> None:
    assert [each for node in graph(tea(), cakes()) for each in unknown(node)] == []


def test_json_ld_has_product_certificate_photographs_and_shops() -> None:
    (node,) = graph(tea())

    assert (node["@type"], node["@id"], node["name"]) == ("Product", f"urn:ocop:product:{TEA}", "Chè đinh Hảo Đạt")
    assert node["category"] == ["Thực phẩm", "Chè tươi, chè chế biến"]
    assert node["manufacturer"] == {
        "@type": "Organization",
        "name": "Hợp tác xã chè Hảo Đạt",
        "address": {
            "@type": "PostalAddress",
            "addressLocality": "Phường Tích Lương",
            "addressRegion": "Thái Nguyên",
            "addressCountry": "VN",
        },
    }
    assert node["hasCertification"] == {
        "@type": "Certification",
        "name": "Giấy chứng nhận sản phẩm OCOP",
        "certificationIdentification": "4-sao/2026",
        "certificationStatus": "https://schema.org/CertificationActive",
        "certificationRating": {"@type": "Rating", "ratingValue": 4, "bestRating": 5, "worstRating": 1},
        "issuedBy": {"@type": "GovernmentOrganization", "name": "Ủy ban nhân dân Thái Nguyên"},
        "validFrom": "2026-06-01",
        "expires": "2029-06-01",
        "url": f"https://kiemtra.example.vn/ocop#{TOKEN}",
    }
    assert [each["contentUrl"] for each in node["image"]][1] == "https://hinhanh.example.vn/doi-che.jpg"
    assert node["offers"] == [
        {
            "@type": "Offer",
            "url": "https://cuahang.example.vn/che-dinh",
            "seller": {"@type": "Organization", "name": "Gian hàng Hảo Đạt"},
        }
    ]


def test_json_ld_can_stand_in_a_page_whatever_somebody_filed() -> None:
    document = as_json_ld(listed(tea(name="Chè </script><!-- ngon")), VERIFICATION)

    assert "<" not in document
    assert json.loads(document)["@graph"][0]["name"] == "Chè </script><!-- ngon"


def test_json_ld_leaves_out_whom_it_may_not_name_and_what_is_not_there() -> None:
    (node,) = graph(cakes())

    assert "name" not in node["manufacturer"]
    assert {"image", "offers"}.isdisjoint(node)
    assert "url" not in node["hasCertification"]


def rows(*products: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(as_csv(listed(*products), Verification()).removeprefix("\ufeff"))))


def test_csv_has_a_row_a_product() -> None:
    of_tea, of_cakes = rows(tea(), cakes())

    assert of_tea == {
        "product_code": TEA,
        "name": "Chè đinh Hảo Đạt",
        "group": "I",
        "group_name": "Thực phẩm",
        "product_set": "11",
        "stars": "4",
        "producer_kind": "cooperative",
        "producer": "Hợp tác xã chè Hảo Đạt",
        "commune_code": "05500",
        "commune": "Phường Tích Lương",
        "province_code": "19",
        "province": "Thái Nguyên",
        "certificate_number": "4-sao/2026",
        "issued_on": "2026-06-01",
        "valid_until": "2029-06-01",
        "is_extended": "false",
        "verification_url": "",
        "token": TOKEN,
        "photographs": "https://hinhanh.example.vn/hop.jpg?rong=800&cao=600 https://hinhanh.example.vn/doi-che.jpg",
        "sales_links": "https://cuahang.example.vn/che-dinh",
    }
    assert (of_cakes["product_code"], of_cakes["producer_kind"], of_cakes["producer"]) == (CAKES, "family-business", "")


def test_a_name_that_looks_like_a_formula_is_computed_by_no_spreadsheet() -> None:
    assert rows(tea(name="=HYPERLINK(1)"))[0]["name"] == "'=HYPERLINK(1)"


def test_a_file_is_replaced_whole_and_only_where_it_says_something_else(tmp_path: Path) -> None:
    file = tmp_path / "ocop.html"

    assert write_whole(file, "một")
    first = file.stat().st_ino
    assert not write_whole(file, "một")
    assert file.stat().st_ino == first
    assert write_whole(file, "hai")
    assert (file.read_text("utf-8"), file.stat().st_ino != first) == ("hai", True)
    assert [each.name for each in tmp_path.iterdir()] == ["ocop.html"]


def test_a_file_that_cannot_be_written_leaves_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "ocop.html").mkdir()

    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "ocop.html", "một")
    assert [each.name for each in tmp_path.iterdir()] == ["ocop.html"]

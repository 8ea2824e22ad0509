"""Addresses for the public, photographs and shops: everybody can open them, and they say how to reach nobody."""

import pytest

from services.registry.disclosure import as_known, without_contact, without_personal_numbers
from services.registry.intake import examine
from shared.contracts.dossier import Dossier
from tests.unit.registry.dossiers import acceptable_dossier, changed

PHOTOGRAPH = {"url": "https://hinhanh.example.vn/banh-te/goi.jpg?rong=800", "caption": "Bánh mới gói"}
SHOP = {"url": "https://www.tiktok.com/@banhte.hungvan", "shop": "Gian hàng Hưng Vân"}


def found(changes: dict[str, object]) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.code) for fault in examine(changed(changes)).faults]


def accepted(changes: dict[str, object]) -> Dossier:
    dossier = examine(changed(changes)).dossier
    assert dossier
    return dossier


def test_photographs_and_shops_are_taken() -> None:
    assert found({"/product/photographs": [PHOTOGRAPH] * 10, "/product/sales_links": [SHOP]}) == []


def test_a_dossier_without_them_is_written_as_before() -> None:
    before = set(acceptable_dossier()["product"]) | {"must_declare_quality"}

    assert set(accepted({}).model_dump(mode="json")["product"]) == before


def test_they_are_announced_and_known_as_filed() -> None:
    dossier = accepted({"/product/photographs": [PHOTOGRAPH], "/product/sales_links": [SHOP]})
    announced = without_contact(without_personal_numbers(dossier))
    known = as_known(announced, None)

    product = announced.model_dump(mode="json")["product"]
    assert (product["photographs"], product["sales_links"]) == ([PHOTOGRAPH], [SHOP])
    assert (known["photographs"], known["sales_links"]) == (
        announced.product.photographs,
        announced.product.sales_links,
    )


def test_her_own_telephone_in_a_caption_is_masked() -> None:
    caption = PHOTOGRAPH | {"caption": "Gọi 024.3383.0000"}
    announced = without_contact(accepted({"/product/photographs": [caption]}))

    assert announced.product.photographs[0].caption == "Gọi [phone]"


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("https://shopee.vn/Banh-te-Hung-Van-i.312345678.19876543210", id="a shop's numbers"),
        pytest.param("https://www.facebook.com/61550012345678/photos?id=100063712345678", id="a page's numbers"),
        pytest.param("HTTPS://Postmart.vn/bánh-tẻ", id="letters of Vietnamese"),
    ],
)
def test_an_address_that_everybody_can_open_is_taken(url: str) -> None:
    assert found({"/product/sales_links": [{"url": url}]}) == []


@pytest.mark.parametrize(
    "url",
    [
        pytest.param("http://example.vn/a.jpg", id="not encrypted"),
        pytest.param("javascript:alert(1)", id="a program"),
        pytest.param("https://example.vn/anh đẹp.jpg", id="spaces"),
        pytest.param("https://khach:matkhau@example.vn/a.jpg", id="user and password"),
        pytest.param("https://192.168.1.10/a.jpg", id="an own network"),
        pytest.param("https://localhost/a.jpg", id="this machine"),
        pytest.param("https://nas.local/a.jpg", id="an own network's name"),
        pytest.param("https://zalo.me/0912345678", id="a telephone"),
        pytest.param("https://wa.me/84912345678", id="a telephone with its country"),
        pytest.param("https://example.vn/?goi=02433830000", id="her own telephone"),
        pytest.param("https://example.vn/?mail=banhte%40example.vn", id="her own mail"),
        pytest.param("https://example.vn/001085012345", id="a person's number"),
        pytest.param(f"https://example.vn/{'a' * 1983}", id="2,002 characters"),
    ],
)
@pytest.mark.parametrize("of", ["photographs", "sales_links"])
def test_any_other_address_is_a_fault_at_its_place(of: str, url: str) -> None:
    code = "too-long" if len(url) > 2000 else "wrong-format"

    assert found({f"/product/{of}": [PHOTOGRAPH | {"shop": "Cửa hàng"}, {"url": url}]}) == [
        (f"/product/{of}/1/url", code)
    ]


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        pytest.param(
            {"/product/photographs": [PHOTOGRAPH] * 11}, [("/product/photographs", "too-long")], id="too many"
        ),
        pytest.param({"/product/sales_links": "https://a.vn"}, [("/product/sales_links", "wrong-type")], id="no list"),
        pytest.param({"/product/sales_links": ["x"]}, [("/product/sales_links/0", "wrong-type")], id="no object"),
        pytest.param({"/product/photographs": [{}]}, [("/product/photographs/0/url", "missing")], id="no address"),
        pytest.param(
            {"/product/photographs": [PHOTOGRAPH | {"caption": "B¸nh tÎ"}]},
            [("/product/photographs/0/caption", "broken-characters")],
            id="an old encoding",
        ),
    ],
)
def test_what_is_no_list_of_addresses_is_a_fault(changes: dict[str, object], faults: list[tuple[str, str]]) -> None:
    assert found(changes) == faults


def test_a_fault_says_what_is_wanted_in_both_languages() -> None:
    (fault,) = examine(changed({"/product/sales_links": [{"url": "https://zalo.me/0912345678"}]})).faults

    assert fault.message.vi.startswith("Mục “địa chỉ của nơi bán thứ 1” chưa đúng: không được chứa số điện thoại")
    assert fault.message.en.startswith("The address of sales link 1 is not as it should be: an address without a tele")
    assert "0912345678" not in f"{fault}"


def test_what_is_left_empty_counts_as_not_given() -> None:
    dossier = accepted({"/product/photographs": [], "/product/sales_links": [SHOP | {"shop": ""}]})

    assert dossier.product.photographs == ()
    assert dossier.product.sales_links[0].shop is None

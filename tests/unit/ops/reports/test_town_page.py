"""The page of a town's programme: whole by itself, and read by whoever does not see it."""

import base64
import hashlib
import re
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from ops.language import Language
from ops.reports.town.page import page
from services.registry.gazetteer import meant
from shared.contracts.rounds import Stage
from tests.unit.ops.reports import a_town
from tests.unit.ops.reports.a_town import Documents

_VOID = {"meta"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str | None]
    text: str = ""
    inner: list["Element"] = field(default_factory=list)

    def all(self, tag: str) -> list["Element"]:
        return [found for each in self.inner for found in ([each] if each.tag == tag else []) + each.all(tag)]

    def __getitem__(self, name: str) -> str:
        return self.attributes[name] or ""


class Tree(HTMLParser):
    """A page as elements; whatever is not closed in its turn is a fault."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self._open = [Element("", {})]
        self.feed(written)
        assert len(self._open) == 1
        self.root = self._open[0]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self._open[-1].inner.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open[-1].inner.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        for each in self._open:
            each.text += data


@cache
def written(language: Language = Language.VI) -> str:
    return page(a_town.report(), language)


@cache
def tree(language: Language = Language.VI) -> Element:
    return Tree(written(language)).root


def everything(element: Element) -> list[Element]:
    return [found for each in element.inner for found in [each, *everything(each)]]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.VI, ["thị xã Sơn Tây đến năm 2025", "Số liệu ngày 02/06/2025", "20,5 %", "Quý 3/2025"]),
        (Language.EN, ["the town of Sơn Tây to 2025", "as of 2025-06-02", "20.5 %", "Q3 2025"]),
    ],
)
def test_it_speaks_its_language_throughout(language: Language, said: list[str]) -> None:
    (html,) = tree(language).all("html")

    assert html["lang"] == language
    assert [each for each in said if each not in html.text] == []


def test_no_word_of_a_vietnamese_page_is_left_in_english() -> None:
    english = re.compile(
        r"\b(products?|stars?|reached|target|certificates?|class(es)?|week|quarter|days?)\b", re.IGNORECASE
    )

    assert english.findall(tree().all("main")[0].text) == []


def test_nothing_is_fetched_and_nothing_runs() -> None:
    found = everything(tree())
    attributes = {name for each in found for name in each.attributes}

    assert {each.tag for each in found} & {"script", "link", "img", "iframe", "object", "use", "image"} == set()
    assert {
        name for name in attributes if name in {"src", "href", "xlink:href", "style"} or name.startswith("on")
    } == set()
    assert "url(" not in written()
    assert "@import" not in written()


def test_the_policy_allows_its_own_style_alone() -> None:
    (style,) = tree().all("style")
    (policy,) = (each["content"] for each in tree().all("meta") if each.attributes.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(style.text.encode()).digest()).decode()

    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_headings_leave_no_level_out() -> None:
    levels = [int(each.tag[1]) for each in everything(tree()) if re.fullmatch("h[1-6]", each.tag)]

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert max(later - earlier for earlier, later in pairwise(levels)) == 1


def test_every_chart_has_words_a_caption_and_its_numbers_as_a_table() -> None:
    exhibits = [each for each in tree().all("section") if "drawn" in (each.attributes.get("class") or "")]

    assert len(exhibits) == 7
    for each in exhibits:
        (svg,), (caption,), (table,) = (each.all(tag) for tag in ("svg", "figcaption", "table"))
        ids = {words["id"]: words.text for words in (*svg.all("title"), *svg.all("desc"))}
        assert svg["role"] == "img"
        assert ids[svg["aria-labelledby"]]
        assert ids[svg["aria-describedby"]]
        assert caption.text
        assert table.all("caption")[0].text == each.all("h3")[0].text


def test_what_a_chart_shows_is_told_with_its_numbers() -> None:
    (told,) = (each.text for each in tree(Language.EN).all("desc") if "targets" in each["id"])

    assert told.startswith("Products rated: 95 / 120, can be reached · 12 on their way in time; New products: 88 / 90,")


def test_ids_are_unique_and_cells_stand_below_their_heads() -> None:
    ids = [each["id"] for each in everything(tree()) if "id" in each.attributes]

    assert len(set(ids)) == len(ids)
    for table in tree().all("table"):
        heads = [each.text for each in table.all("thead")[0].all("th")]
        for row in table.all("tbody")[0].all("tr"):
            first, *others = row.inner
            assert (first.tag, first["scope"]) == ("th", "row")
            assert [each["data-head"] for each in others] == heads[1:]


def test_where_a_round_is_may_take_several_lines() -> None:
    """The longest is wider than a phone."""
    town = a_town.report()
    row = (a_town.code(1), "Bánh tẻ", "Phường Sơn Tây", 3, date(2025, 5, 1), Stage.AWAITS_PROVINCE)
    lapsed = replace(town.section("lapsed"), rows=[row])
    sections = [lapsed if each.name == lapsed.name else each for each in town.sections]

    cells = Tree(page(replace(town, sections=sections), Language.VI)).root.all("td")
    (stage,) = (each for each in cells if "chờ tỉnh quyết định" in each.text)
    assert stage["class"] == "text"


def test_texts_are_text_whatever_somebody_filed() -> None:
    hostile = '<script>alert("1")</script>&'
    report = a_town.report(Documents(name=hostile))
    shown = page(replace(report, sections=[report.section("products"), report.section("seats")]), Language.VI)

    assert "<script" not in shown
    assert Tree(shown).root.text.count(hostile) > 20


def test_labels_of_charts_are_text_too() -> None:
    report = a_town.report()
    communes = report.section("communes")
    hostile = replace(communes, rows=[("<script>&", *communes.rows[0][1:])])

    shown = page(replace(report, sections=[hostile]), Language.VI)

    assert "<script" not in shown
    assert "&lt;script&gt;&amp;" in re.findall("<svg.*?</svg>", shown, re.DOTALL)[0]


def test_a_place_without_products_has_a_page_without_charts() -> None:
    shown = page(a_town.report(Documents(facts=[], rated=[]), file=None, place=meant("09574")[0]), Language.VI)

    assert Tree(shown).root.all("svg") == []
    assert "không có" in shown


def test_a_chart_of_too_many_places_is_a_table_alone() -> None:
    report = a_town.report()
    communes = report.section("communes")
    many = replace(communes, rows=[(f"Xã {n}", *communes.rows[0][1:]) for n in range(21)])

    shown = Tree(page(replace(report, sections=[many]), Language.VI)).root

    assert (len(shown.all("svg")), len(shown.all("tbody")[0].all("tr"))) == (0, 21)

"""The pages: what is on record, escaped, for eyes, ears and paper, and what can be asked of it."""

import csv
import io
import json
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from typer.main import get_command

from ops.find.reading import Page
from ops.history.life import Moment
from ops.history.whole import ProductLife
from ops.language import Language, Message
from ops.reports import commands
from ops.reports.report import Column, Kind, Report, Section
from ops.reports.town.page import page, policy
from ops.web import offered
from ops.web.offered import OFFERED
from services.registry.gazetteer import meant
from services.registry.rounds import HeldCertificate
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from tests.unit.ops.reports import a_town
from tests.unit.ops.test_find import BANH_TE
from tests.unit.ops.test_widths import NOW
from tests.unit.ops.web.asking import MadeUp, get
from tests.unit.registry.lives import CODE, certificate, product, round_of

SCRIPT = '<script>alert("1")</script>'
HELD = HeldCertificate(certificate=certificate(date(2026, 1, 5), date(2029, 1, 5), number=SCRIPT[:40]))
ROUND = round_of(RegistrationKind.UPGRADE, date(2026, 11, 2), stage=Stage.AT_COMMUNE, due_on=date(2026, 11, 23))
HOSTILE = product(HELD, round_=ROUND).model_copy(update={"name": SCRIPT})
LIFE = ProductLife(None, HOSTILE, (Moment(NOW, "round.moved", SCRIPT, SCRIPT, (SCRIPT,)),))
NAMED = Report(
    "renewals",
    Message("Certificates that run out"),
    date(2026, 11, 29),
    [
        Section(
            "closing",
            Message("Lapsed"),
            (Column("product_code", Message("Product"), Kind.ID), Column("name", Message("Name"))),
            [(CODE, SCRIPT)],
        )
    ],
)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("/products", MadeUp(page=Page((HOSTILE,)))),
        (f"/products/{CODE}", MadeUp(lives={CODE: LIFE})),
        ("/reports/renewals", MadeUp(NAMED)),
        ("/products?q=%3Cscript%3Ealert(1)%3C/script%3E", MadeUp()),
        ("/products?province=%3Cscript%3Ealert(1)%3C/script%3E", MadeUp()),
        ("/products?q=x%22%20onfocus=%22alert(1)&after=%22%3E%3Cscript%3E", MadeUp()),
        ("/reports/statistics?section=%3Cscript%3E", MadeUp()),
        ("/%3Cscript%3Ealert(1)%3C/script%3E", MadeUp()),
    ],
)
async def test_nothing_that_somebody_wrote_is_markup(path: str, source: MadeUp) -> None:
    page = (await get(path, source)).page

    assert page.all("script") == []
    assert [name for _, attributes in page.elements for name in attributes if name.startswith("on")] == []


async def test_what_somebody_wrote_can_be_read_all_the_same() -> None:
    answer = await get("/products", MadeUp(page=Page((HOSTILE,))))

    assert SCRIPT in answer.page.text


async def test_a_report_has_its_rows_sums_notes_and_how_it_was_made() -> None:
    text = (await get("/reports/statistics")).page.text

    assert [each in text for each in ("1,200", "1,234", "In all", "66.6 %", "2026-12-31")] == [True] * 5
    assert [each in text for each in ("Of the communes of today.", "Counted today.", "Lapsed: none")] == [True] * 3


async def test_a_table_tells_its_title_and_heads_to_who_does_not_see_it() -> None:
    page = (await get("/reports/statistics")).page

    assert len(page.all("table")) == len(page.all("caption")) == 1
    assert [each["scope"] for each in page.all("th")] == ["col"] * 5 + ["row"] * 3
    assert [each["data-head"] for each in page.all("td")] == ["Round", "Products", "Share", "Last day"] * 3


@pytest.mark.parametrize("path", ["/", *(f"/reports/{name}" for name in OFFERED), "/products", f"/products/{CODE}"])
async def test_every_page_has_one_heading_a_way_to_it_and_a_label_for_each_field(path: str) -> None:
    page = (await get(path, MadeUp(lives={CODE: LIFE}))).page

    assert len(page.all("h1")) == 1
    assert (page.links[0], page.all("main")) == ("#content", [{"id": "content", "tabindex": "-1"}])
    fields = [each for tag in ("input", "select") for each in page.all(tag)]
    unlabelled = {each["id"] for each in fields if each.get("type") not in {"hidden", "checkbox"}}
    assert unlabelled == {each["for"] for each in page.all("label") if "for" in each}
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


async def test_what_was_asked_stands_on_paper_too_where_there_is_no_form() -> None:
    text = (await get("/reports/renewals?province=01&within=60")).page.text

    assert "Province: Hà Nội" in text
    assert "Whose window closes within so many days: 60" in text


async def test_a_code_in_a_report_leads_to_the_product() -> None:
    assert f"/products/{CODE}" in (await get("/reports/renewals", MadeUp(NAMED))).page.links


async def test_a_report_is_there_as_the_files_that_the_command_writes() -> None:
    answers = {form: await get(f"/reports/statistics.{form}?lang=vi") for form in ("json", "csv", "xlsx")}

    assert [each.headers["Content-Disposition"] for each in answers.values()] == [
        f'attachment; filename="statistics-2026-11-29.{form}"' for form in answers
    ]
    assert json.loads(answers["json"].body)["sections"]["communes"]["total"] == {"products": 1234}
    rows = list(csv.reader(io.StringIO(answers["csv"].text.removeprefix("\ufeff"))))
    assert rows[2][:2] == ["communes", "'=1+1"]
    assert "Theo xã" in ZipFile(io.BytesIO(answers["xlsx"].body)).read("xl/sharedStrings.xml").decode()


async def test_some_tables_can_be_asked_for_alone() -> None:
    assert "1,234" not in (await get("/reports/statistics?section=lapsed")).text
    assert (await get("/reports/statistics?section=stars")).status == 400


async def test_a_list_is_asked_for_as_the_command_asks_for_it() -> None:
    source = MadeUp(page=Page((BANH_TE,), is_last=False))
    asked = "/products?q=b%C3%A1nh+t%E1%BA%BB&commune=09574&stars=4&stars=0&stage=none&group=VI"

    page = (await get(asked, source)).page

    assert source.asked
    assert source.asked.text
    assert (source.asked.text.words, source.asked.place, source.asked.limit) == (("bánh", "tẻ"), *meant("09574"), 50)
    assert (source.asked.stars, source.asked.stages, source.asked.product_sets) == ([4, 0], [None], [26])
    assert f"/products/{CODE}" in page.links
    assert page.links[-1] == f"{asked}&after={CODE}"


async def test_the_last_products_of_a_list_lead_to_no_others() -> None:
    page = (await get(f"/products?after={CODE}", MadeUp(page=Page((BANH_TE,))))).page

    assert page.links[-1] == "/products"


async def test_a_list_names_no_producer_and_finds_none_by_a_person_s_number() -> None:
    known = BANH_TE.model_copy(update={"producer_name": "Nguyễn Thị Lan"})

    answer = await get("/products?reveal=true&q=001099012345", MadeUp(page=Page((known,))))
    nothing = await get("/products?q=001099012345")

    assert "Nguyễn Thị Lan" not in answer.text
    assert "a person&#39;s number is on record as a hash alone" in nothing.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("province=Atlantis", "no province or commune is called Atlantis"),
        ("commune=S%C6%A1n+T%C3%A2y", "may be any of these, give the code"),
        ("stars=9", "stars is a whole number from 0 to 5, and 9 is none"),
        ("stars=%D9%A4", "stars is a whole number"),
        ("stage=lost", "lost is none of these: none, at-commune"),
        ("group=VII", "VII is none of these: I, II"),
        ("q=...", "say a word, a number or a code"),
        ("after=x", "x is no product&#39;s code"),
    ],
)
async def test_what_cannot_be_asked_is_said_with_what_can(query: str, said: str) -> None:
    answer = await get(f"/products?{query}")

    assert answer.status == 400
    assert said in answer.text


async def test_a_life_is_told_as_the_terminal_tells_it_the_newest_first() -> None:
    moved = Moment(NOW, "round.moved", "office.01", "round 1", ("Thiếu ảnh.",), "lượt 1")
    life = ProductLife(None, BANH_TE, (moved,))

    english = (await get(f"/products/{CODE}", MadeUp(lives={CODE: life}))).page
    vietnamese = (await get(f"/products/{CODE}", MadeUp(lives={CODE: life}), language=Language.VI)).page

    captions = ("Certificates, the newest first", "Life, the newest first")
    assert [each in english.text for each in (*captions, "HN-2026-0201", "“Thiếu ảnh.”")] == [True] * 4
    assert "Bánh tẻ Hưng Vân 01-09574-1-2026" in english.text
    assert [each in vietnamese.text for each in ("lượt 1", "có hiệu lực")] == [True] * 2


@pytest.mark.parametrize("name", sorted(OFFERED.keys() - {"targets"}))  # asked for a file, by its name here
def test_a_report_s_form_asks_what_the_command_s_options_do_within_the_same_limits(name: str) -> None:
    group: Any = get_command(commands.app)
    options = {option: each for each in group.commands[name].params for option in each.opts}

    asked = [(field, options[f"--{field.name}"]) for field in OFFERED[name].fields() if field.name != "programme"]
    numbers = [(field, option) for field, option in asked if field.shape == "number"]
    assert all((field.least, field.usual) == (option.min, str(option.default)) for field, option in numbers)
    assert all(field.most == option.max or field.name == "classes" for field, option in numbers)  # of 5 topics


async def test_without_a_programme_there_are_no_targets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert (await get("/reports/targets", MadeUp(None))).status == 404


@pytest.fixture
def town() -> Report:
    return a_town.report()


async def test_a_town_s_page_with_charts_is_the_one_that_the_command_writes(town: Report) -> None:
    tables = await get("/reports/town?within=60", MadeUp(town))
    drawn = await get("/reports/town.html?lang=vi", MadeUp(town))

    assert "/reports/town.html?within=60" in tables.page.links
    assert drawn.text == page(town, Language.VI)
    assert "Content-Disposition" not in drawn.headers


async def test_a_town_s_page_may_load_its_own_style_and_nothing_else_and_stands_in_no_frame(town: Report) -> None:
    headers = (await get("/reports/town.html", MadeUp(town))).headers

    assert headers["Content-Security-Policy"] == f"{policy()}; frame-ancestors 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_only_what_is_drawn_is_there_with_charts() -> None:
    assert (await get("/reports/statistics.html")).status == 404
    assert not any(
        link.startswith("/reports/statistics.html") for link in (await get("/reports/statistics")).page.links
    )


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", ("The OCOP programme of the town of Sơn Tây to 2025", ["09574", "09604", "09616"], 90, 20)),
        (
            "?programme=son-tay-2025&commune=09604&within=7&limit=3",
            ("The OCOP programme: Phường Tùng Thiện", ["09604"], 7, 3),
        ),
    ],
)
async def test_a_town_is_a_programme_unless_a_place_is_asked_for(
    query: str, asked: tuple[str, list[str], int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[Any] = []

    async def made_town(_: object, wanted: Any) -> Report:
        heard.append(wanted)
        return NAMED

    monkeypatch.setattr(offered, "made_town", made_town)
    assert (await get(f"/reports/town{query}", MadeUp(None))).status == 200

    title, places, days, limit = asked
    (made,) = heard
    assert (made.title, [each.code for each in made.places]) == (title, places)
    assert (made.days, made.limit) == (days, limit)


async def test_a_programme_is_one_of_the_folder_s_and_no_other_file() -> None:
    answer = await get("/reports/targets?programme=../pyproject", MadeUp(None))

    assert answer.status == 400
    assert "none of these: son-tay-2025" in answer.text
    assert {"value": "son-tay-2025", "selected": None} in (await get("/reports/targets")).page.all("option")

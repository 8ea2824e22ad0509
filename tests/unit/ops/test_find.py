"""What `ocop find` and `ocop product list` ask, and how what they find is written."""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from ops.cli import app
from ops.database_reader import Reader
from ops.find.asking import Asked, Branch, Question
from ops.find.commands import Filters, Group, OpenStage, Output, notes, write_page
from ops.find.printing import COLUMNS, product_as_json, products_table
from ops.find.reading import Page, read_page
from services.registry.gazetteer import meant
from services.registry.identity import KnownProduct
from services.registry.products import VIEW
from services.registry.rounds import HeldCertificate
from services.registry.search_keys import keys_of, wanted
from shared.contracts.dossier import RegistrationKind
from shared.contracts.rounds import Stage
from shared.storage import StoredDocument
from tests.unit.registry.lives import certificate, product, round_of

HELD = HeldCertificate(certificate=certificate(date(2026, 1, 5), date(2029, 1, 5), number="HN-2026-0201"))
ROUND = round_of(RegistrationKind.UPGRADE, date(2026, 11, 2), stage=Stage.AT_COMMUNE, due_on=date(2026, 11, 23))
BANH_TE = product(HELD, round_=ROUND)


def only(question: Question) -> Branch:
    (branch,) = question.branches
    return branch


def test_a_word_is_looked_up_in_each_province_and_the_others_are_to_be_there_with_the_marks_that_were_typed() -> None:
    spelt, loosely = Asked(wanted("mật ong rung")).questions()

    assert (only(spelt).keys[0], len(only(spelt).keys)) == (["mật@01"], 34)
    assert only(spelt).rest == {"words": {"$all": ["ong", "rung"]}}
    assert only(loosely).rest == {"words": {"$all": ["mat", "ong"]}}
    assert (spelt.spelt_otherwise, loosely.spelt_otherwise) == (False, True)


@pytest.mark.parametrize(
    ("text", "looked_up"), [("mật ong sơn tây", "tây"), ("bánh tẻ", "bánh"), ("mật ong", "mật"), ("mat ong", "ong")]
)
def test_it_is_a_word_with_marks_the_longest_the_last_of_these(text: str, looked_up: str) -> None:
    question, *_ = Asked(wanted(text)).questions()

    assert only(question).keys[0] == [f"{looked_up}@01"]


def test_where_all_words_are_of_what_producers_are_none_is_looked_up() -> None:
    (question,) = Asked(wanted("hop tac xa"), place=meant("01")[0]).questions()
    mixed, _ = Asked(wanted("hợp tác xã rồng")).questions()

    assert next(only(question).windows()) == {"keys": {"$in": ["@01-000"]}, "words": {"$all": ["hop", "tac", "xa"]}}
    assert only(mixed).keys[0] == ["rồng@01"]
    assert only(mixed).rest == {"words": {"$all": ["hợp", "tác", "xã"]}}


def test_words_without_marks_are_asked_for_once() -> None:
    (question,) = Asked(wanted("mat ong")).questions()

    assert only(question).rest == {"words": {"$all": ["mat"]}}


def test_what_is_numbered_is_looked_up_as_a_whole_first() -> None:
    exact, words = Asked(wanted("01-09574-1-2026")).questions()

    assert [*only(exact).windows()] == [{"keys": {"$in": ["01-09574-1-2026", "010957412026"]}}]
    assert only(words).keys[0] == ["09574@01"]


def test_a_place_that_the_text_names_is_asked_for_beside_the_words() -> None:
    (question,) = Asked(wanted("phuong son tay"), named=meant("phuong son tay")).questions()

    words, place = question.branches
    assert words.keys[0] == ["phuong@01"]
    assert [*place.windows()] == [{"keys": {"$in": ["@01-09574"]}}]


def test_in_a_place_its_products_are_looked_up_alone() -> None:
    (commune,) = Asked(wanted("mat ong"), place=meant("09574")[0]).questions()
    (province,) = Asked(wanted("mat ong"), place=meant("01")[0]).questions()

    assert [*only(commune).windows()] == [{"keys": {"$in": ["@01-09574"]}, "words": {"$all": ["mat", "ong"]}}]
    assert [*only(province).windows()] == [{"keys": {"$in": ["ong@01"]}, "words": {"$all": ["mat"]}}]


def test_a_list_is_looked_up_by_the_rarest_that_the_options_say() -> None:
    asked = Asked(stars=(4, 0), stages=(Stage.AT_COMMUNE, None), product_sets=(6, 7), place=meant("01")[0])

    (question,) = asked.questions()
    assert [*only(question).windows()] == [
        {
            "keys": {"$in": ["set:6@01", "set:7@01"]},
            "stars": {"$in": [4, None]},
            "stage": {"$in": [Stage.AT_COMMUNE, None]},
            "state.product_set": {"$in": [6, 7]},
        }
    ]


def test_all_are_looked_up_area_by_area_more_and_more_at_once_in_the_order_of_codes() -> None:
    (question,) = Asked().questions()

    windows = [window["keys"]["$in"] for window in only(question).windows()]
    assert windows[:2] == [["@01-000"], ["@01-001", "@01-002"]]
    assert [len(window) for window in windows][:5] == [1, 2, 4, 8, 16]
    assert sorted(key for window in windows for key in window) == [key for window in windows for key in window]


def test_a_list_goes_on_behind_a_code() -> None:
    (everything,) = Asked(after="01-09574-1-2026").questions()
    (words,) = Asked(wanted("gao"), after="40-16681-9-2026").questions()

    assert next(only(everything).windows()) == {"keys": {"$in": ["@01-095"]}, "_id": {"$gt": "01-09574-1-2026"}}
    assert next(only(words).windows()) == {"keys": {"$in": ["gao@40"]}, "_id": {"$gt": "40-16681-9-2026"}}


KEYS = {key for each in (BANH_TE,) for key in keys_of(each)}


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(Asked(), id="all"),
        pytest.param(Asked(wanted("banh te")), id="words"),
        pytest.param(Asked(wanted("01-09574-1-2026")), id="a code"),
        pytest.param(Asked(stars=(4,)), id="stars"),
        pytest.param(Asked(stages=(Stage.AT_COMMUNE,)), id="a stage"),
        pytest.param(Asked(product_sets=(6,)), id="a product set"),
        pytest.param(Asked(place=meant("09574")[0]), id="a commune"),
        pytest.param(Asked(place=meant("01")[0]), id="a province"),
        pytest.param(Asked(wanted("son tay"), named=meant("09574")), id="a place that is named"),
    ],
)
def test_what_is_looked_up_is_what_the_registry_writes(asked: Asked) -> None:
    question, *_ = asked.questions()

    windows = [window["keys"]["$in"] for branch in question.branches for window in branch.windows()]
    assert any(not KEYS.isdisjoint(window) for window in windows)


def filters(**given: Any) -> Filters:
    names = ("province", "commune", "stars", "stage", "product_set", "group")
    return Filters(**{**dict.fromkeys(names), **given})


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"province": "ha noi"}, "01"),
        ({"province": "Vĩnh Phúc"}, "25"),
        ({"commune": "Đường Lâm"}, "09574"),
        ({"province": "42", "commune": "Sơn Tây"}, "18172"),
    ],
)
def test_options_name_places_by_code_or_name_in_force_or_former(given: Mapping[str, Any], code: str) -> None:
    place = filters(**given).asked().place

    assert place
    assert place.code == code


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"province": "Sơn Tây"}, "no province or commune is called Sơn Tây"),
        ({"commune": "Sơn Tây"}, "09574 Phường Sơn Tây (Hà Nội), 18172 Xã Sơn Tây (Hà Tĩnh), 21340"),
        ({"group": Group("VI"), "product_set": [6]}, "group VI has the product sets 26"),
    ],
)
def test_what_is_no_place_or_several_or_no_set_of_the_group_is_said(
    given: Mapping[str, Any], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as ended:
        filters(**given).asked()

    assert ended.value.exit_code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", " ", "—!"])
def test_what_has_no_word_is_wrong_usage(text: str) -> None:
    asked = CliRunner().invoke(app, ["find", text], prog_name="ocop")

    assert (asked.exit_code, asked.stderr[:16]) == (2, "ocop: say a word")


def test_a_group_is_its_product_sets_and_none_is_a_stage() -> None:
    asked = filters(group=Group("II"), stage=[OpenStage("none"), OpenStage("returned")]).asked()

    assert list(asked.product_sets) == [14, 15, 16, 17]
    assert list(asked.stages) == [None, Stage.RETURNED]


@dataclass
class Answers:
    """A reader whose database answers one query and no other, with a mark of a shape."""

    query: int
    documents: list[StoredDocument]
    shape: int = VIEW.shape
    asked: list[Mapping[str, Any]] = field(default_factory=list)

    async def find_now(
        self, _: str, collection: str, query: Mapping[str, Any], *, order: str, limit: int
    ) -> list[StoredDocument]:
        if collection == "marks":
            return [{"_id": "caught-up", "shape": self.shape}] if self.shape else []
        assert order == "_id"
        self.asked.append(query)
        return self.documents[:limit] if len(self.asked) == self.query + 1 else []


def documents(*products: KnownProduct) -> list[StoredDocument]:
    return [{"_id": each.code, "state": each.model_dump(mode="json")} for each in products]


async def page(answers: Answers, asked: Asked) -> Page:
    return await read_page(cast("Reader", answers), asked)


#: Queries of a question for all provinces: of one, of two, and of four at once.
EVERYWHERE = 10


async def test_nothing_else_is_asked_once_a_question_has_an_answer() -> None:
    answers = Answers(0, documents(BANH_TE))

    assert await page(answers, Asked(wanted("bánh tẻ 6"))) == Page((BANH_TE,))
    assert len(answers.asked) == 1


async def test_a_page_that_is_full_asks_no_further_province() -> None:
    answers = Answers(0, documents(BANH_TE, BANH_TE.model_copy(update={"code": "01-09574-2-2026"})))

    await page(answers, Asked(wanted("banh te"), limit=1))

    assert len(answers.asked) == 1


async def test_it_is_said_where_no_name_has_the_marks_that_were_typed() -> None:
    assert (await page(Answers(EVERYWHERE, documents(BANH_TE)), Asked(wanted("bành tẻ")))).spelt_otherwise


async def test_a_page_has_no_more_than_was_asked_for_and_says_whether_there_is_more() -> None:
    two = documents(BANH_TE, BANH_TE.model_copy(update={"code": "01-09574-2-2026"}))

    assert await page(Answers(0, two), Asked(limit=1)) == Page((BANH_TE,), is_last=False)
    assert (await page(Answers(0, two), Asked(limit=2))).is_last


@pytest.mark.parametrize(("shape", "is_whole"), [(VIEW.shape, True), (VIEW.shape - 1, False), (0, False)])
async def test_it_is_known_whether_all_products_can_be_found_yet(shape: int, is_whole: bool) -> None:
    assert (await page(Answers(0, documents(BANH_TE), shape), Asked())).is_whole is is_whole


def test_a_product_as_values_names_its_producer_only_where_that_is_asked_for() -> None:
    said = product_as_json(BANH_TE, reveal=False)

    assert said == {
        "product_code": "01-09574-1-2026",
        "former_code": None,
        "product_name": "Bánh tẻ Hưng Vân",
        "product_set": 6,
        "producer_name": "[name]",
        "province_code": "01",
        "province": "Hà Nội",
        "commune_code": "09574",
        "commune": "Phường Sơn Tây",
        "stars": 4,
        "certificate_number": "HN-2026-0201",
        "certificate_status": "in-force",
        "last_day": "2029-01-05",
        "registration": "upgrade",
        "stage": "at-commune",
        "due_on": "2026-11-23",
    }
    assert product_as_json(BANH_TE, reveal=True) == said | {"producer_name": "Cơ sở bánh tẻ Hưng Vân"}
    assert tuple(said) == COLUMNS


def printed(*, reveal: bool, width: int) -> str:
    console = Console(width=width, file=io.StringIO())
    with console.capture() as captured:
        console.print(products_table([BANH_TE], reveal=reveal))
    return captured.get()


def test_a_table_has_a_row_for_each_and_the_producer_s_name_only_where_it_is_asked_for() -> None:
    shown = printed(reveal=False, width=140)

    for said in (
        "01-09574-1-2026",
        "Bánh tẻ Hưng Vân",
        "Phường Sơn Tây, Hà Nội",
        "★★★★☆",
        "in-force",
        "2029-01-05",
        "at-commune",
    ):
        assert said in shown
    assert "Cơ sở" not in shown
    assert "Cơ sở bánh tẻ Hưng Vân" in printed(reveal=True, width=160)


def test_a_spreadsheet_takes_no_name_for_a_formula(capsys: pytest.CaptureFixture[str]) -> None:
    write_page(Page((BANH_TE.model_copy(update={"name": "=HYPERLINK(1)"}),)), Output(as_csv=True))

    written = capsys.readouterr().out
    (row,) = csv.DictReader(io.StringIO(written.removeprefix("\ufeff"), newline=""))
    assert (row["product_name"], row["commune_code"]) == ("'=HYPERLINK(1)", "09574")


def test_for_programs_there_is_an_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    write_page(Page((BANH_TE,)), Output(as_json=True))

    assert json.loads(capsys.readouterr().out) == product_as_json(BANH_TE, reveal=False)


@pytest.mark.parametrize(
    ("found", "text", "said"),
    [
        (Page((BANH_TE,)), "bánh", []),
        (Page((BANH_TE,), is_last=False), "", ["there are more: add --after 01-09574-1-2026, or --limit"]),
        (Page((BANH_TE,), spelt_otherwise=True), "bành", ["no name has these marks; with others, or none:"]),
        (Page(()), "bành", ["no product was found"]),
        (Page(()), "0109 999 990", ["no product was found"]),
        (Page(()), "0301442989", ["no product was found"]),
        (Page(()), "01-09574-1-202", ["no product was found"]),
        (Page(()), "01-269-09574-1", ["no product was found"]),
        (
            Page(()),
            "0912 345 678",
            [
                (
                    "no product was found: telephones are sealed for notifications alone, and not on record; "
                    "ask by name, producer or place"
                )
            ],
        ),
        (
            Page(()),
            "001085012345",
            ["no product was found: a person's number is on record as a hash alone; ask by name or code"],
        ),
        (
            Page((BANH_TE,), is_whole=False),
            "",
            ["the registry is writing anew what products are found by: some may be missing yet"],
        ),
    ],
)
def test_what_is_to_be_said_beside_products(found: Page, text: str, said: list[str]) -> None:
    assert [*notes(found, text)] == said

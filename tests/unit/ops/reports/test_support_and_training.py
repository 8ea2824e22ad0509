"""Which products are nearest to their next star, and which classes lift most: read, judged and shown."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast

import pytest

from ops.database_reader import Reader
from ops.language import Language, speaking
from ops.reports.lifting import Held
from ops.reports.output import as_json
from ops.reports.rated import Assessments, Named, read_named, read_rated
from ops.reports.report import Report, spoken
from ops.reports.study import Study
from ops.reports.support import nearest, support
from ops.reports.topics import load_topics
from ops.reports.training import training
from services.evaluation.assessed import Assessed, RatedAnswers, rated_in
from services.evaluation.assessment import decide
from services.evaluation.ratings import VIEW
from services.registry.gazetteer import meant
from shared.contracts.catalogue import PRODUCT_SUBMITTED
from shared.contracts.event import Event
from shared.handling.history import Version
from shared.storage import StoredDocument
from tests.unit.evaluation.sheets import everything_at_its_best, rulebook, sheet
from tests.unit.evaluation.test_assessment import submitted
from tests.unit.ops.reports.noted import noted

TODAY, NOW = date(2026, 11, 29), datetime(2026, 11, 29, tzinfo=UTC)
BEST = everything_at_its_best(sheet(6))
#: Held back by: the label alone; a trademark alone; a trademark and the label; a criterion that no class teaches.
ANSWERS = {
    "01-09574-1-2026": BEST | {"2.3": 2},
    "01-09574-2-2026": BEST | {"3.5": 1},
    "01-09616-3-2026": BEST | {"3.5": 1, "2.3": 1},
    "25-07894-4-2026": BEST | {"7": 2},
    "25-07894-5-2026": BEST,
}
NAMED = {code: Named(f"Bánh {code[9]}", f"Hộ {code[9]}") for code in ANSWERS}


def rated(code: str, options: Mapping[str, int], *, sequence: int = 1) -> RatedAnswers:
    """Return what evaluation keeps of a self-assessment that it rates."""
    found = rated_in(assessed(code, options, sequence=sequence))
    assert found is not None
    return found


def assessed(code: str, options: Mapping[str, int], *, sequence: int = 1) -> Assessed:
    data = submitted(6, dict(options)).model_copy(update={"product_code": code}).model_dump(mode="json")
    event = Event(id=code, source="/ocop/registry", type=PRODUCT_SUBMITTED.type, data=data, sequence=sequence)
    decision = decide(rulebook(), event, NOW)
    assert decision.version is not None
    return cast("Assessed", decision.version.state)


PRODUCTS = [rated(code, options) for code, options in ANSWERS.items()]


def study() -> Study:
    return Study(rulebook(), load_topics(rulebook()), PRODUCTS)


def rows(report: Report, section: str) -> list[dict[str, Any]]:
    (found,) = (each for each in report.sections if each.name == section)
    return [dict(each) for each in found.named()]


def of_training(chosen: Sequence[int], *, limit: int = 50, reveal: bool = False) -> Report:
    made = study()
    return training(made, chosen, made.seats(chosen), NAMED, TODAY, file="topics.yaml", limit=limit, reveal=reveal)


def of_support(*, limit: int = 50, reveal: bool = False) -> Report:
    sheets = {each.code: each for each in rulebook().sheets.values()}
    return support(nearest(PRODUCTS), sheets, NAMED, TODAY, limit=limit, reveal=reveal)


def test_what_evaluation_keeps_is_enough_to_judge_again() -> None:
    kept = rated("01-09574-1-2026", ANSWERS["01-09574-1-2026"])

    assert (kept.stars, kept.total, kept.option_steps, kept.score_sheet) == (3, 99, 1, "QD26-06")
    assert RatedAnswers.read(kept.text) == kept


def test_an_assessment_that_was_turned_back_is_not_in_the_reports() -> None:
    turned_back = assessed("01-09574-1-2026", {"9.9": 1})

    assert turned_back.outcome == "rejected"
    assert rated_in(turned_back) is None


def test_what_was_rated_before_answers_were_kept_is_in_no_report() -> None:
    of_before = Assessed(outcome="rated", stars=3, total=70)

    assert VIEW.fields(Version("a-key", 1, of_before)) == {}


def test_products_stand_by_the_fewest_steps_and_then_the_most_points() -> None:
    shown = rows(of_support(), "products")

    assert [(each["product_code"], each["next_star"], each["option_steps"]) for each in shown] == [
        ("01-09574-1-2026", 4, 1),
        ("01-09574-2-2026", 4, 1),
        ("25-07894-4-2026", 4, 1),
        ("01-09616-3-2026", 4, 3),
    ]
    assert shown[0]["steps"] == "2.3 Label style and goods labelling 2 → 3 (+1)"
    assert shown[0]["commune"] == "Phường Sơn Tây"


def test_how_far_it_is_counts_all_products_whatever_is_listed() -> None:
    report = of_support(limit=1)

    assert rows(report, "distances") == [
        {"next_star": 4, "products": 4, "steps_1": 3, "steps_2": 0, "steps_3": 1, "steps_4": 0, "steps_5": 0}
        | {"steps_6_or_more": 0}
    ]
    assert len(rows(report, "products")) == 1
    assert "3 more products: --limit shows more." in report.sections[1].notes


def test_only_products_on_their_way_to_a_star_are_listed_where_that_is_asked_for() -> None:
    assert [each.code for each in nearest(PRODUCTS, [5])] == []
    assert len(nearest(PRODUCTS, [4])) == 4


def test_steps_read_in_the_language_that_is_spoken() -> None:
    first, *_ = rows(of_support(), "products")

    with speaking(Language.VI):
        assert spoken(first["steps"]) == "2.3 Phong cách, ghi nhãn hàng hóa 2 → 3 (+1)"


def test_each_class_alone_counts_whom_it_lifts_and_to_which_star() -> None:
    shown = {each["topic"]: (each["products"], each["stars_5"]) for each in rows(of_training([0]), "topics")}

    assert shown == {
        "raw-material-areas": (0, 0),
        "quality-food-safety": (0, 0),
        "value-chains": (0, 0),
        "intellectual-property": (1, 1),
        "design-packaging": (1, 1),
    }


def test_two_classes_together_lift_whom_neither_lifts_alone() -> None:
    shown = rows(of_training([0]), "choices")

    assert [(each["classes"], each["products"], each["more"]) for each in shown][:3] == [
        (1, 1, 1),
        (2, 3, 2),
        (3, 3, 0),
    ]
    assert shown[1]["topics"] == "Intellectual property; Design and packaging"
    assert {each["how"] for each in shown} == {"all choices tried"}


def test_each_product_sits_in_the_fewest_classes_that_lift_it_with_what_it_has_to_raise() -> None:
    shown = rows(of_training(Held(load_topics(rulebook()), "topics.yaml", number=2).chosen(study())), "seats")

    assert [(each["topic"], each["product_code"], each["criteria"], each["beside"]) for each in shown] == [
        ("Intellectual property", "01-09574-2-2026", "3.5 Intellectual property", ""),
        ("Intellectual property", "01-09616-3-2026", "3.5 Intellectual property", "Design and packaging"),
        ("Design and packaging", "01-09574-1-2026", "2.3 Label style and goods labelling", ""),
        ("Design and packaging", "01-09616-3-2026", "2.3 Label style and goods labelling", "Intellectual property"),
    ]
    assert {each["stars_after"] for each in shown} == {5}


def test_as_many_are_listed_for_each_class_as_are_asked_for() -> None:
    report = of_training([3, 4], limit=1)

    assert [each["product_code"] for each in rows(report, "seats")] == ["01-09574-2-2026", "01-09574-1-2026"]
    assert "2 more seats: --limit shows more." in report.sections[-1].notes
    assert len(study().seats([3, 4]).listed(1)) == 2


@pytest.mark.parametrize(
    "make", [of_support, lambda **given: of_training([3, 4], **given)], ids=["support", "training"]
)
def test_producers_are_named_only_where_that_is_asked_for(make: Any) -> None:
    assert "Hộ" not in json.dumps(as_json(make()), ensure_ascii=False)
    assert "Hộ 1" in json.dumps(as_json(make(reveal=True)), ensure_ascii=False)


def test_what_was_rated_by_another_decision_is_passed_over_and_said() -> None:
    old = PRODUCTS[0]._replace(score_sheet="QD148-06")
    made = Study(rulebook(), load_topics(rulebook()), [old])

    report = training(made, [0], made.seats([0]), {}, TODAY, file="topics.yaml", limit=1)

    assert "1 products rated by sheets of another decision are not in it." in report.notes


def test_the_newest_dossier_of_a_product_counts_in_the_order_of_the_registry() -> None:
    first, third, second = (
        rated("01-09574-1-2026", BEST | {"2.3": at}, sequence=n) for n, at in ((1, 1), (3, 3), (2, 2))
    )

    assert list(Assessments.of([third, first, second])) == [third]


@dataclass
class Documents:
    """A reader of documents of now, of one shape, that finds what a query names."""

    evaluation: list[StoredDocument]
    registry: list[StoredDocument] = field(default_factory=list)
    shape: int = VIEW.shape

    async def find_now(self, service: str, collection: str, query: Mapping[str, Any], **_: Any) -> list[StoredDocument]:
        if collection == "marks":
            return [{"_id": "caught-up", "shape": self.shape}]
        if service == "evaluation":
            return self.evaluation if collection == "ratings_noted" else []
        return [each for each in self.registry if each["_id"] in query["_id"]["$in"]]


def written() -> list[StoredDocument]:
    """Return a note as evaluation writes it."""
    versions = (Version(code, 1, assessed(code, options)) for code, options in ANSWERS.items())
    fields = (VIEW.fields(each) for each in versions)
    return [noted((each["rated"] for each in fields if each), shape=VIEW.shape)]


@pytest.mark.parametrize(("place", "serials"), [(None, "12345"), ("01", "123"), ("09574", "12")])
async def test_what_is_read_is_what_evaluation_writes_of_the_place(place: str | None, serials: str) -> None:
    found = await read_rated(cast("Reader", Documents(written())), meant(place)[0] if place else None)

    assert [each.code[9] for each in found.products] == list(serials)
    assert list(found.products) == [each for each in PRODUCTS if each.code[9] in serials]
    assert found.notes == ()


async def test_it_is_said_while_documents_are_written_anew() -> None:
    found = await read_rated(cast("Reader", Documents(written(), shape=1)), None)

    assert len(found.notes) == 1


async def test_products_are_named_as_the_register_knows_them() -> None:
    state = {"name": "Bánh tẻ", "producer_name": "Hộ Hưng Vân"}
    reader = Documents([], [{"_id": "01-09574-1-2026", "state": state}])

    found = await read_named(cast("Reader", reader), ["01-09574-1-2026", "01-09574-2-2026"])

    assert found == {"01-09574-1-2026": Named("Bánh tẻ", "Hộ Hưng Vân")}

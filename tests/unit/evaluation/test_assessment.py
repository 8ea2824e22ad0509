"""A submitted product gets its rating, or every answer that its sheet does not know."""

from datetime import date

from services.evaluation.assessment import assess
from shared.contracts.dossier import (
    Answer,
    Contact,
    Dossier,
    Producer,
    ProducerKind,
    Product,
    RegistrationKind,
    SelfAssessment,
)
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated
from tests.unit.evaluation.sheets import everything_at_its_best, rulebook, sheet


def submitted(
    product_set: int, options: dict[str, int], *, must_declare: bool = True, eliminations: tuple[str, ...] = ()
) -> ProductSubmitted:
    answers = tuple(Answer(criterion=criterion, option=option) for criterion, option in options.items())
    dossier = Dossier(
        registration=RegistrationKind.FIRST,
        producer=Producer(
            name="Hợp tác xã Mỳ gạo Hùng Lô",
            kind=ProducerKind.COOPERATIVE,
            tax_code="2600000000",
            contact=Contact(phone="02103000000", email="htx@example.vn"),
        ),
        product=Product(
            name="Mỳ gạo Hùng Lô",
            product_set=product_set,
            province_code="25",
            commune_code="07918",
            must_declare_quality=must_declare,
        ),
        documents=(),
        samples=5,
        self_assessment=SelfAssessment(answers=answers, eliminations=eliminations),
    )
    return ProductSubmitted(
        product_code="25-07918-1-2026",
        dossier_id="d-1",
        dossier=dossier,
        due_on=date(2026, 9, 9),
        sealed_recipient="a.b.c.d.e",
    )


def rating(product: ProductSubmitted) -> ProductRated:
    rated = assess(rulebook(), product)
    assert isinstance(rated, ProductRated)
    return rated


def test_a_product_is_rated_by_the_sheet_of_its_set() -> None:
    rated = rating(submitted(6, everything_at_its_best(sheet(6)) | {"2.3": 2}))
    assert (rated.legal_document, rated.score_sheet, rated.basis) == ("26/2026/QĐ-TTg", "QD26-06", "self-assessment")
    assert (rated.product_code, rated.product_name) == ("25-07918-1-2026", "Mỳ gạo Hùng Lô")
    assert (rated.sealed_recipient, rated.due_on) == ("a.b.c.d.e", date(2026, 9, 9))
    assert (rated.total, rated.band, rated.stars) == (99, 5, 3)
    assert rated.advice is not None
    assert [step.criterion for step in rated.advice.steps] == ["2.3"]


def test_a_rating_can_be_sent_and_read_again() -> None:
    rated = rating(submitted(16, everything_at_its_best(sheet(16)) | {"6.1": 1}))
    sent = rated.model_dump_json()
    assert ProductRated.model_validate_json(sent).model_dump_json() == sent
    assert rated.stars is None
    assert rated.advice is not None
    assert rated.advice.target_star == 1


def test_what_the_dossier_says_beside_the_answers_counts() -> None:
    chosen = everything_at_its_best(sheet(21))
    del chosen["7"]
    assert rating(submitted(21, chosen, must_declare=False)).stars == 5
    assert rating(submitted(21, chosen, must_declare=True)).stars == 2
    stopped = rating(submitted(21, chosen, eliminations=("6.2",)))
    assert (stopped.stars, stopped.stops[0].criterion, stopped.advice) == (None, "6.2", None)


def test_answers_that_the_sheet_does_not_know_are_all_rejected_together() -> None:
    rejected = assess(rulebook(), submitted(26, {"2": 1, "3.1": 4, "18": 1}, eliminations=("1.1",)))
    assert isinstance(rejected, AssessmentRejected)
    assert (rejected.product_code, rejected.score_sheet) == ("25-07918-1-2026", "QD26-26")
    assert [(fault.pointer, fault.code) for fault in rejected.faults] == [
        ("/self_assessment/answers/0/criterion", "criterion-is-heading"),
        ("/self_assessment/answers/1/option", "unknown-option"),
        ("/self_assessment/answers/2/criterion", "unknown-criterion"),
        ("/self_assessment/eliminations/0", "unknown-elimination"),
    ]

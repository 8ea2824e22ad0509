"""Which dossiers of a journal go back, with which codes, and what the journal lacks."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.broker_access import AccessError
from ops.history.dossiers import Dossiers
from ops.history.refile import left_out, require_no_gaps
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    BY_TYPE,
    CERTIFICATE_ISSUED,
    COMMUNE_ASSESSED,
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    DOSSIER_REJECTED,
    FILING_REJECTED,
    INTAKE,
    PRODUCT_SUBMITTED,
    RECOGNITION_REVOKED,
    SCORECARD_FILED,
    EventType,
)
from shared.contracts.dossier import Dossier, DossierRejected
from shared.contracts.event import Event
from shared.contracts.filing import FilingRejected
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected
from shared.contracts.text import Bilingual, Fault
from shared.contracts.writing import write
from tests.unit.handling import NOW
from tests.unit.registry.dossiers import changed

FAULT = Fault(pointer="", code="x", message=Bilingual(vi="Không có.", en="None."))


def filed(id: str, **changes: object) -> Event:
    data = changed({f"/{name}": value for name, value in changes.items()})
    return Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, data=data)


def submitted(dossier: Event, serial: int, *, place: str = "01-09574") -> Event:
    data = ProductSubmitted(
        product_code=f"{place}-{serial}-2026", dossier_id=dossier.id, dossier=Dossier.model_validate(dossier.data)
    )
    return dossier.answer(PRODUCT_SUBMITTED, data, source="/ocop/registry", subject="x", now=NOW)


def rejected(dossier: Event) -> Event:
    data = DossierRejected(dossier_id=dossier.id, product_name=None, faults=(FAULT,))
    return dossier.answer(DOSSIER_REJECTED, data, source="/ocop/registry", subject="x", now=NOW)


def turned_back(answer: Event) -> Event:
    data = AssessmentRejected(
        product_code=answer.data["product_code"],
        product_name="Bánh tẻ",
        product_set=6,
        registration="first",
        legal_document="26/2026/QĐ-TTg",
        score_sheet="6",
        faults=(FAULT,),
    )
    return answer.answer(ASSESSMENT_REJECTED, data, source="/ocop/evaluation", subject="x", now=NOW)


def journal(*events: Event) -> Dossiers:
    """Return what is made of a journal with these events."""
    dossiers = Dossiers()
    for offset, event in enumerate(events):
        dossiers.note(message(event, offset))
    return dossiers


def message(event: Event, offset: int) -> Any:
    written, is_filed = write(event), BY_TYPE[event.type].exchange == INTAKE
    return SimpleNamespace(
        body=written.body,
        headers={**written.headers, "x-stream-offset": offset},
        content_type=written.content_type,
        content_encoding=None,
        exchange="ocop.journal",
        user_id="integration.portal" if is_filed else event.source.rpartition("/")[2],
    )


def ids(messages: list[Any]) -> list[str]:
    return [message.headers["ce-id"] for message in messages]


def given(dossiers: Dossiers) -> dict[str, str]:
    return {str(message.headers["ce-id"]): code for code, message in dossiers.numbered}


A, B, C = (filed(id) for id in "abc")


def cleaned(dossier: Event, offset: int, *, filed_by: str) -> Any:
    """Return a dossier of which the registry has put a clean copy into the journal."""
    copy = message(dossier, offset)
    copy.user_id = "registry"
    copy.headers |= {"x-ocop-attempt": 0, "x-ocop-filed-by": filed_by}
    return copy


def test_a_clean_copy_of_a_dossier_is_that_dossier_unless_a_service_wrote_it() -> None:
    dossiers = Dossiers()
    for copy in (cleaned(A, 0, filed_by="integration.portal"), cleaned(B, 1, filed_by="evaluation")):
        dossiers.note(copy)

    assert ids(dossiers.rest) == ["a"]


def test_each_goes_back_with_its_code_whatever_the_order_of_the_journal() -> None:
    found = journal(A, B, C, submitted(C, 10), submitted(A, 2), submitted(B, 1))

    assert list(given(found).items()) == [("b", "01-09574-1-2026"), ("a", "01-09574-2-2026"), ("c", "01-09574-10-2026")]
    assert found.rest == []


def test_a_missing_answer_is_known_by_what_evaluation_says_of_it() -> None:
    found = journal(A, B, submitted(A, 1), turned_back(submitted(B, 2)))

    assert given(found)["b"] == "01-09574-2-2026"
    require_no_gaps(found, from_the_first=True)


def test_a_correction_is_no_new_product_even_where_its_answer_is_missing() -> None:
    first, correction = submitted(A, 1), submitted(B, 1)
    found = journal(A, first, turned_back(first), B, turned_back(correction))

    assert given(found) == {"a": "01-09574-1-2026"}
    assert ids(found.rest) == ["b"]


def test_what_was_rejected_is_not_judged_again_and_what_has_no_answer_is() -> None:
    assert ids(journal(A, rejected(A), B).rest) == ["b"]


def test_a_dossier_that_is_missing_is_named() -> None:
    found = journal(A, submitted(A, 1), submitted(B, 2))

    with pytest.raises(AccessError, match="no dossier of 01-09574-2-2026, though"):
        require_no_gaps(found, from_the_first=False)
    with pytest.raises(AccessError, match="given: begin earlier, or add --skip-gaps"):
        require_no_gaps(found, from_the_first=False)
    with pytest.raises(AccessError, match="given: add --skip-gaps"):
        require_no_gaps(found, from_the_first=True)


def test_a_number_that_no_answer_gave_is_named() -> None:
    found = journal(A, B, C, submitted(A, 2), submitted(C, 4))

    assert found.unused(from_the_first=False) == ["01-09574-3-2026"]
    with pytest.raises(AccessError, match="no answer that gave 01-09574-1-2026, 01-09574-3-2026, though"):
        require_no_gaps(found, from_the_first=True)


def test_communes_and_years_have_numbers_of_their_own() -> None:
    found = journal(A, B, submitted(A, 1), submitted(B, 1, place="01-09604"))

    require_no_gaps(found, from_the_first=True)


def test_a_product_of_before_that_is_named_since_is_no_gap() -> None:
    upgrade = filed("b", registration="re-evaluation", product_code="01-09574-3-2026")
    found = journal(A, upgrade, C, submitted(A, 2), submitted(upgrade, 3), submitted(C, 4))

    assert found.unused(from_the_first=False) == []
    assert ids(found.rest) == ["b"]


def by_office(id: str, kind: EventType[Any], **data: Any) -> Event:
    return Event(id=id, source="/offices/test", type=kind.type, data={"product_code": "01-09574-2-2026", **data})


ASSESSED = by_office("assessed", COMMUNE_ASSESSED)
RESULT = Event(id="result", source="/ocop/evaluation", type=COUNCIL_RESULT.type, data={})


def test_what_offices_filed_and_councils_results_go_back_in_the_journal_s_order() -> None:
    revoked, correction = by_office("revoked", RECOGNITION_REVOKED), filed("again", registration="first")
    found = journal(A, submitted(A, 2), ASSESSED, correction, RESULT, revoked, ASSESSED)

    assert ids(found.rest) == ["assessed", "again", "result", "revoked"]
    assert ids([each for _, each in found.numbered]) == [A.id]
    assert found.left_out == {}


def test_what_an_office_filed_and_was_rejected_has_its_answer() -> None:
    data = FilingRejected(filing_id="assessed", filing="commune.assessed", faults=(FAULT,))
    answer = ASSESSED.answer(FILING_REJECTED, data, source="/ocop/registry", subject="x", now=NOW)

    assert ids(journal(ASSESSED, answer).rest) == []


def test_what_was_filed_with_councils_is_left_out_and_counted() -> None:
    cards = [by_office(id, SCORECARD_FILED) for id in ("m1", "m2")]
    found = journal(by_office("S1", COUNCIL_CONVENED), *cards, by_office("end", COUNCIL_CONCLUDED))

    assert found.rest == []
    assert left_out(found.left_out) == (
        "left out, since the registry does not take them: 1 council.concluded, 1 council.convened, 2 scorecard.filed. "
        "Councils' results do go back"
    )


def test_a_code_that_was_given_to_a_certificate_from_before_is_no_gap() -> None:
    data = {"product_code": "01-09574-3-2026", "round": None}
    brought_in = Event(id="issued", source="/ocop/registry", type=CERTIFICATE_ISSUED.type, data=data)
    found = journal(A, B, brought_in, submitted(A, 2), submitted(B, 4))

    assert found.unused(from_the_first=False) == []

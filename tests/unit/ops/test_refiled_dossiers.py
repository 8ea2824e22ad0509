"""Which dossiers of a journal go back, with which codes, and what the journal lacks."""

from types import SimpleNamespace
from typing import Any

import pytest

from ops.broker_access import AccessError
from ops.history.dossiers import Dossiers
from ops.history.refile import require_no_gaps
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, DOSSIER_REJECTED, PRODUCT_SUBMITTED
from shared.contracts.dossier import Dossier, DossierRejected
from shared.contracts.event import Event
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
    written, is_filed = write(event), event.type == DOSSIER_FILED.type
    return SimpleNamespace(
        body=written.body,
        headers={**written.headers, "x-stream-offset": offset},
        content_type=written.content_type,
        content_encoding=None,
        exchange="ocop.journal",
        user_id="integration.portal" if is_filed else "registry",
    )


def ids(messages: list[Any]) -> list[str]:
    return [message.headers["ce-id"] for message in messages]


def given(dossiers: Dossiers) -> dict[str, str]:
    return {str(message.headers["ce-id"]): code for code, message in dossiers.numbered}


A, B, C = (filed(id) for id in "abc")


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

"""A story as `ocop trace` puts it together from the journal and the records, and as it is printed."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from ops.history.entry import read_entry
from ops.history.findings import Findings
from ops.history.happenings import Happening, HappeningKind, subject_of
from ops.history.records import read_record
from ops.history.sources import Journaled, journaled
from ops.history.trace import print_traces
from ops.named import named
from services.registry.moving import moved
from services.registry.rounds import Step
from shared.contracts.rounds import Stage
from tests.unit.ops.deliveries import delivery
from tests.unit.registry.products import a_round, letter, product

CODE = "01-09574-1-2026"
NINE = datetime(2026, 11, 29, 9, tzinfo=UTC)


def journal(*events: tuple[str, str, str, str, dict[str, Any]]) -> Journaled:
    """Return what is made of a journal with these events: id, kind, id of what it answers, writer and data of each."""
    messages = [
        delivery(
            json.dumps(data).encode(),
            headers={
                "x-stream-offset": offset,
                "ce-specversion": "1.0",
                "ce-id": id,
                "ce-source": f"/{writer}",
                "ce-type": f"vn.ocop.{kind}.v1",
                "ce-time": "2026-11-29T09:00:00Z",
                "ce-correlationid": "d2",
                **({"ce-causationid": cause} if cause else {}),
            },
            content_type="application/json",
            app_id=writer,
        )
        for offset, (id, kind, cause, writer, data) in enumerate(events)
    ]
    return journaled([(read_entry(message), named(message).event) for message in messages])


#: An upgrade that the registry has turned back, and whose producer was told so.
REJECTED_UPGRADE = (
    ("d2", "dossier.filed", "", "portal", {"product_code": CODE}),
    ("r2", "dossier.rejected", "d2", "registry", {"faults": [{"code": "no-certificate-in-force"}]}),
    ("a2", "alert.delivered", "r2", "notifications", {"channel": "email"}),
)


def whole(found: Findings) -> list[tuple[str, str]]:
    return [(each.who, each.what) for each in found.by_correlation_id()["d2"]]


def test_a_rejected_upgrade_by_its_product_s_code_is_answered() -> None:
    """Its records name no product, and so were not found by its code."""
    assert whole(Findings(subject_of(CODE), journal(*REJECTED_UPGRADE))) == [
        ("portal", "dossier.filed"),
        ("registry", "dossier.rejected"),
        ("notifications", "alert.delivered"),
    ]


def test_without_its_answer_in_the_journal_it_is_not_answered() -> None:
    found = Findings(subject_of(CODE), journal(*REJECTED_UPGRADE[:2]))

    assert whole(found)[-1] == ("notifications", "has not answered yet")


def test_the_records_of_what_the_journal_shows_are_asked_for_by_their_keys_and_added_once() -> None:
    found = Findings(subject_of(CODE), journal(*REJECTED_UPGRADE))
    keys = found.unrecorded_keys
    assert keys == {found.journaled.keys["d2"], found.journaled.keys["r2"]}
    event = {"id": "d2", "source": "/portal", "correlation_id": "d2", "filed_by": "integration.portal"}
    document = {"_id": found.journaled.keys["d2"], "event": event, "recorded_at": NINE, "outcome": "rejected"}
    record = read_record("registry", document | {"announced": [{"id": "r2"}]})

    found.add([record])
    found.add([record])

    assert whole(found).count(("registry", "recorded: rejected")) == 1
    assert found.unrecorded_keys == {found.journaled.keys["r2"]}


def test_a_move_of_which_the_producer_is_not_told_awaits_no_alert() -> None:
    at_commune, at_province = (product(round=a_round(stage)) for stage in (Stage.AT_COMMUNE, Stage.AT_PROVINCE))
    _, told = moved(at_commune, Step.FORWARDED, why="commune.assessed", letter=letter(NINE.date()))
    _, untold = moved(at_province, Step.RATED_FROM_THREE_STARS, why="council.result", letter=letter(NINE.date()))
    found = journal(
        ("m1", "round.moved", "d2", "registry", told.data.model_dump(mode="json")),
        ("m2", "round.moved", "d2", "registry", untold.data.model_dump(mode="json")),
    )

    assert found.untold == {"m2"}


def test_what_came_again_is_marked() -> None:
    found = journal(*REJECTED_UPGRADE, REJECTED_UPGRADE[1])

    assert [each.is_repeat for each in found.events] == [False, False, False, True]
    assert "dossier.rejected, again" in printed(*found.events)


def test_a_gap_that_goes_back_is_said_in_words() -> None:
    def event(who: str, seconds: float) -> Happening:
        return Happening(HappeningKind.EVENT, NINE + timedelta(seconds=seconds), who, "x", "", "d2", who)

    shown = printed(event("registry", 1), event("evaluation", 0.75))

    assert "0.250 s earlier" in shown
    assert "earlier: by another clock" in shown
    assert "earlier" not in printed(event("registry", 1), event("evaluation", 2))


def printed(*happenings: Happening) -> str:
    output = StringIO()
    print_traces(Console(file=output, width=180), {"d2": happenings})
    return output.getvalue()


FAULT = {"pointer": "/samples", "code": "samples-wrong", "message": {"vi": "Cần 5 mẫu.", "en": "5 samples are needed."}}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ({"faults": [FAULT], "repeated": True}, "samples-wrong, no alert: the producer was told the same before"),
        (
            {"faults": [FAULT | {"code": "wrong-type"}]},
            "wrong-type, no alert: only the program that sent it can mend it",
        ),
        ({"faults": [FAULT]}, "samples-wrong"),
    ],
)
def test_a_rejection_of_which_nobody_is_told_says_why(data: dict[str, Any], why: str) -> None:
    (event,) = journal(("r2", "dossier.rejected", "d2", "registry", {"dossier_id": "d2", **data})).events

    assert event.detail == why


def test_what_a_dead_letter_advises_is_typed_as_beside_compose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCOP_RUN_WITH", "compose")
    dead = Happening(HappeningKind.DEAD_LETTER, NINE, "registry", "dead letter", "see ocop trace r2", "d2", "d2")

    assert "docker compose run --rm ocop trace r2" in printed(dead)

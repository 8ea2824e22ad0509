"""The lives of `examples/lives`: what they file keeps its contract, and a file that does not hold is refused."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from shared.contracts.catalogue import RECOGNITION_DECIDED, SCORECARD_FILED, EventType
from tools.lives.life import FOLDER, Life, LifeFile, Step, data_of, load_lives

LIVES = load_lives()


def test_there_are_eight_lives_or_more() -> None:
    assert len(LIVES) >= 8


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_what_a_life_files_keeps_its_contract(life: Life) -> None:
    for step in life.steps:
        if step.kind:
            step.kind.model.model_validate(data_of(step, "01-09574-1-2026"))


@pytest.mark.parametrize(("file", "kind"), [("scorecard", SCORECARD_FILED), ("recognition", RECOGNITION_DECIDED)])
def test_what_the_clients_are_shown_with_keeps_its_contract(file: str, kind: EventType[Any]) -> None:
    kind.model.model_validate_json((FOLDER.parent / "filings" / f"{file}.json").read_text("utf-8"))


def test_a_card_gives_the_dossier_s_answers_but_for_some() -> None:
    step = Step.model_validate(
        {
            "at": "2027-01-20 09:00",
            "by": "ha-noi",
            "file": "scorecard.filed",
            "card": "13-gao-nep-tu-le",
            "options": {"5.1": 4},
            "data": {"session": "s", "product_code": "$code", "member": "m"},
        }
    )
    data = data_of(step, "15-04630-1-2026")
    options = {answer["criterion"]: answer["option"] for answer in data["answers"]}
    assert (data["product_code"], data["score_sheet"]) == ("15-04630-1-2026", "QD26-03")
    assert (options["5.1"], options["5.2"]) == (4, 2)


def test_a_time_without_a_zone_is_vietnam_s() -> None:
    assert Step.model_validate({"at": "2029-10-04 23:59"}).at == datetime(2029, 10, 4, 16, 59, tzinfo=UTC)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ({"at": "2027-01-20 09:00", "by": "ha-noi", "file": "card.filed"}, "no such events: card.filed"),
        ({"at": "2027-01-20 09:00", "expect": ["certificate.lost"]}, "no such events: certificate.lost"),
        ({"at": "2027-01-20 09:00", "file": "scorecard.filed"}, "go together"),
        ({"at": "2027-01-20 09:00", "by": "somebody", "file": "scorecard.filed"}, "has no somebody"),
    ],
)
def test_a_step_that_cannot_be_played_is_refused(step: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Step.model_validate(step)


def test_steps_out_of_their_order_are_refused() -> None:
    with pytest.raises(ValidationError, match="order of time"):
        LifeFile.model_validate({"title": "t", "steps": [{"at": "2027-01-20 09:00"}, {"at": "2027-01-19 09:00"}]})

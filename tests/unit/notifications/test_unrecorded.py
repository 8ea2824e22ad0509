"""What is remembered of alerts that went out and are not on record."""

import pytest

from services.notifications import unrecorded
from services.notifications.unrecorded import Unrecorded
from shared.handling.outcome import Decision


def test_an_alert_is_remembered_until_it_is_on_record() -> None:
    kept, decision = Unrecorded(), Decision(key="k", announced=())

    kept.note(decision)
    assert kept.get("k") is decision

    kept.forget("k")
    kept.forget("k")
    assert kept.get("k") is None


def test_it_never_grows_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrecorded, "MAX_KEPT", 3)
    kept = Unrecorded()

    for number in range(5):
        kept.note(Decision(key=str(number), announced=()))

    assert [number for number in range(5) if kept.get(str(number))] == [2, 3, 4]

"""What is remembered of alerts that went out and are not on record."""

import pytest

from services.notifications import unrecorded
from services.notifications.channels import Delivered
from services.notifications.unrecorded import Unrecorded


def test_a_delivery_is_remembered_until_it_is_on_record() -> None:
    kept, result = Unrecorded(), Delivered()

    kept.note("k", result, ["late"])
    assert kept.get("k") == (result, ["late"])

    kept.forget("k")
    kept.forget("k")
    assert kept.get("k") is None


def test_it_never_grows_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unrecorded, "MAX_KEPT", 3)
    kept = Unrecorded()

    for number in range(5):
        kept.note(str(number), Delivered(), ())

    assert [number for number in range(5) if kept.get(str(number))] == [2, 3, 4]

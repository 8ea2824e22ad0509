"""A batch: ids that can be repeated, and what is known of each dossier."""

import asyncio
import json
from pathlib import Path

import pytest
from rich.progress import Progress

from ops.dossiers.batch import DossierBatch
from ops.dossiers.outcomes import DossierStatus, Ending
from ops.dossiers.reporting import bars, json_line, reported

ROOT = Path(__file__).parents[3]

ONE, OTHER = "5b1c7a30-0000-4000-8000-000000000001", "5b1c7a30-0000-4000-8000-000000000002"
FILES = [Path("a.json"), Path("b.json")]
KEYS = [
    *("batch", "file", "id", "source", "outcome", "reason", "product_name", "faults"),
    *("product_code", "total", "stars"),
]


def ids(batch: str) -> list[str]:
    return [filing.id for filing in DossierBatch(batch, FILES).filings]


def test_the_same_files_of_the_same_batch_have_the_same_ids() -> None:
    assert ids(ONE) == ids(ONE)


def test_every_file_of_every_batch_has_an_id_of_its_own() -> None:
    assert len({*ids(ONE), *ids(OTHER)}) == 4


def test_an_answer_stands_whatever_comes_after_it() -> None:
    """The journal may be faster than the broker's confirm."""
    batch = DossierBatch(ONE, FILES)
    batch.note(batch.filings[0], Ending(DossierStatus.RATED))

    batch.note(batch.filings[0], Ending(DossierStatus.FILED))

    assert batch.filings[0].ending.outcome is DossierStatus.RATED
    assert not batch.waits


def test_a_batch_waits_for_what_is_filed_and_not_answered() -> None:
    batch = DossierBatch(ONE, FILES)
    batch.note(batch.filings[0], Ending(DossierStatus.UNCLEAR))
    assert not batch.waits

    batch.note(batch.filings[0], Ending(DossierStatus.FILED))
    assert batch.waits

    batch.note(batch.filings[0], Ending(DossierStatus.DOSSIER_REJECTED))
    assert (batch.waits, batch.count(DossierStatus.DOSSIER_REJECTED), batch.count(DossierStatus.NOT_FILED)) == (
        False,
        1,
        1,
    )


def test_a_line_has_always_the_same_keys() -> None:
    checked, filed = DossierBatch("", FILES), DossierBatch(ONE, FILES)

    assert list(json.loads(json_line(checked.filings[0], checked))) == KEYS
    assert list(json.loads(json_line(filed.filings[0], filed))) == KEYS


@pytest.mark.parametrize(("batch", "shown"), [(ONE, ["filed", "answered"]), ("", ["checked"])])
def test_what_is_only_checked_is_not_said_to_be_filed(batch: str, shown: list[str]) -> None:
    progress = Progress(disable=True)

    bars(progress, DossierBatch(batch, FILES))

    assert [task.description for task in progress.tasks if task.visible] == shown


def broken_off(batch: DossierBatch) -> None:
    with reported(batch, as_json=True):
        batch.note(batch.filings[0], Ending(DossierStatus.FILED))
        raise asyncio.CancelledError


def test_what_was_broken_off_is_told_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(asyncio.CancelledError):
        broken_off(DossierBatch(ONE, FILES))

    shown = capsys.readouterr()
    assert [json.loads(line)["outcome"] for line in shown.out.splitlines()] == ["filed", "not-filed"]
    assert f"--batch {ONE}" in shown.err

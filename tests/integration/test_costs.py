"""What one dossier costs, counted and not timed: round trips, messages, bytes, log lines, and its way through the code.

docs/performance.md ("What a dossier costs") explains the numbers.
"""

import sys
from itertools import groupby
from pathlib import Path

import pytest

from tests.integration.costs import Cost, Measured, measure

RULE = "a rise is a decision: write it down here and in docs/performance.md, with why; a fall too, so that it stays"

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"

#: Bytes that a message may have more or fewer: a timestamp without microseconds, a number with a digit more.
TOLERANCE_BYTES = 16
#: Steps into another file on the way of a first registration through the registry (`watched_registry`); 44 and no
#: longer 40, since what JSON is has a file of its own beside what a CloudEvent is, and what the last serials are too.
MOST_MOVES = 44

#: A message that is handled in good order, and what it brought about.
ONE_FOR_ONE = {"deliver": 1, "publish": 1, "confirm": 1, "acknowledge": 1}
#: An alert by mail: the event, and its delivery by a queue of the channel.
TWO_FOR_TWO = dict.fromkeys(ONE_FOR_ONE, 2)
#: One that was filed: another delivery of it is let go on into the journal, by a rejection.
FILED = {**ONE_FOR_ONE, "deliver": 2, "reject": 1}

COSTS = {
    ("first registration", "registry"): Cost({"insert": 1, "documents": 1}, FILED, 1, 4_737, 6_588),
    ("first registration", "evaluation"): Cost({"insert": 1, "documents": 1}, ONE_FOR_ONE, 1, 21_150, 21_656),
    ("first registration", "notifications"): Cost(
        {"find": 2, "insert": 2, "documents": 2}, TWO_FOR_TWO, 2, 25_475, 58_784
    ),
    ("upgrade", "registry"): Cost({"find": 4, "insert": 1, "documents": 1}, FILED, 1, 17_400, 7_377),
    ("upgrade", "evaluation"): Cost({"insert": 1, "documents": 1}, ONE_FOR_ONE, 1, 21_152, 21_897),
    ("upgrade", "notifications"): Cost({"find": 2, "insert": 2, "documents": 2}, TWO_FOR_TWO, 2, 25_477, 58_790),
    ("rejection", "registry"): Cost({"find": 4, "insert": 1, "documents": 1}, FILED, 1, 14_088, 5_867),
    ("rejection", "evaluation"): Cost({}, {}, 0, 0, 0),
    ("rejection", "notifications"): Cost({"find": 1, "insert": 2, "documents": 2}, TWO_FOR_TWO, 2, 6_582, 8_071),
}


@pytest.fixture(scope="module")
async def measured(tmp_path_factory: pytest.TempPathFactory) -> Measured:
    return await measure(tmp_path_factory.mktemp("costs"))


each = pytest.mark.parametrize(("dossier", "service"), COSTS, ids=map(" ".join, COSTS))


@each
def test_a_dossier_costs_so_many_round_trips_to_the_database(measured: Measured, dossier: str, service: str) -> None:
    assert measured.costs[dossier, service].database == COSTS[dossier, service].database, RULE


@each
def test_a_dossier_costs_so_many_messages(measured: Measured, dossier: str, service: str) -> None:
    assert measured.costs[dossier, service].broker == COSTS[dossier, service].broker, RULE


@each
def test_a_dossier_costs_so_many_lines_of_log(measured: Measured, dossier: str, service: str) -> None:
    assert measured.costs[dossier, service].log_lines == COSTS[dossier, service].log_lines, RULE


@each
def test_a_dossier_costs_so_many_bytes_on_the_wire(measured: Measured, dossier: str, service: str) -> None:
    cost, expected = measured.costs[dossier, service], COSTS[dossier, service]

    counted = (cost.database_bytes, cost.broker_bytes)
    assert counted == pytest.approx((expected.database_bytes, expected.broker_bytes), abs=TOLERANCE_BYTES), RULE


def test_what_is_logged_without_a_dossier_is_the_begin_and_the_end(measured: Measured) -> None:
    assert measured.other_lines <= {"wait", "start", "stop"}


def test_the_page_says_the_same() -> None:
    section = PAGE.read_text("utf-8").partition("## What a dossier costs\n")[2].partition("\n## ")[0]
    sizes = [f"{cost.database_bytes:,} and {cost.broker_bytes:,}" for cost in COSTS.values() if cost.broker]

    assert [size for size in sizes if f"| {size} |" not in section] == []


def test_a_dossier_goes_from_file_to_file_no_more_often_than_said(measured: Measured) -> None:
    """Run it alone with `-s` to see the way: `pytest -s tests/integration/test_costs.py -k file_to_file`."""
    way = [function.partition(":")[::2] for function in measured.ways["first registration"]]
    stays = [(file, [name for _, name in functions]) for file, functions in groupby(way, key=lambda each: each[0])]

    for file, names in stays:
        sys.stdout.write(f"{file}: {', '.join(names)}\n")
    sys.stdout.write(f"{len(stays) - 1} moves between {len({file for file, _ in stays})} files\n")

    assert len(stays) - 1 <= MOST_MOVES

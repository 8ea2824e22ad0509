"""The watcher's screen: what is on it where there is little room, and what counts as a failure."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

from rich.console import Console

from ops.broker_access import Access
from ops.dead_letters.message import read_dead_message
from ops.history.entry import JournalEntry
from ops.queues.reading import Overview
from ops.queues.state import QueueKind, QueueState, known_queues
from ops.watch.listening import Watch
from ops.watch.screen import Screen
from tests.unit.ops.deliveries import delivery

NAMED = known_queues() | {"integration.portal.events": QueueKind.INTEGRATION}
NOW = datetime(2026, 11, 29, 6, 30, 15, tzinfo=UTC)
RATED = JournalEntry(
    7, NOW, "vn.ocop.product.rated.v1", "01-09574-1-2026", "01-09574-1-2026", "e1", "/x", "d0", "evaluation", "x", {}
)
REJECTED = replace(
    RATED, type="vn.ocop.dossier.rejected.v1", correlation_id="d9", data={"faults": [{"code": "phone-invalid"}]}
)
FAILED = replace(
    RATED, type="vn.ocop.alert.failed.v1", correlation_id="d8", data={"reason": "refused", "channel": "email"}
)
#: Every queue that an installation has, each with something in it.
QUEUES = Overview(tuple(QueueState(name, kind, waiting=3, consumers=1) for name, kind in NAMED.items()))


def lines(*news: JournalEntry, overview: Overview = QUEUES, width: int = 120) -> list[str]:
    screen, output = Screen("127.0.0.1:28593"), StringIO()
    for each in news:
        screen.note(each)
    console = Console(file=output, width=width, height=40)
    console.print(screen.rendered(overview, console, NOW))
    return output.getvalue().splitlines()


def stories(shown: list[str]) -> list[str]:
    return [word for line in shown[shown.index("Events") :] for word in line.split() if word.startswith("d")]


def test_a_third_of_a_screen_of_40_lines_is_the_events_however_many_queues_there_are() -> None:
    events = [replace(RATED, correlation_id=f"d{number}") for number in range(50)]

    for width in (60, 80, 120, 200):
        shown = lines(*events, width=width)

        assert len(shown) <= 40
        assert stories(shown)[-1] == "d49"
        assert len(stories(shown)) >= 12


def test_queues_that_have_no_room_are_counted_and_those_that_are_unusual_stand_there() -> None:
    usual = [QueueState(name, kind, waiting=0, consumers=1) for name, kind in NAMED.items()]
    unusual = [replace(usual[-1], waiting=500, consumers=0)]

    shown = "\n".join(lines(overview=Overview((*usual, *usual, *usual, *unusual))))

    assert f"{unusual[0].queue}: nobody reads it" in shown
    assert "more queues, none of them unusual: ocop queues" in shown


def test_a_rejection_is_an_answer_and_no_failure() -> None:
    shown = lines(REJECTED)

    assert shown[shown.index("Could not be handled") + 1] == "nothing"
    assert any("d9" in line and "phone-invalid" in line for line in shown[shown.index("Events") :])


def test_an_alert_that_failed_could_not_be_handled() -> None:
    shown = lines(FAILED)

    assert shown[shown.index("Could not be handled") + 1] == "06:30:15  alert.failed  d8  email, refused"


def test_how_old_the_oldest_dead_letter_is_stands_there_until_the_queue_changes() -> None:
    queue = "registry.life.dead"
    state = QueueState(queue, QueueKind.DEAD, waiting=2, consumers=0, keeps_when_read=True)
    watch = Watch(Access("amqp://operator@localhost/"), Overview((state,)))
    failed = [
        replace(read_dead_message(delivery(), queue=queue, position=1), failed_at=NOW - timedelta(minutes=minutes))
        for minutes in (3, 4)
    ]

    watch.note([state], failed)
    watch.note([], [])

    assert any("4 min 0 s" in line for line in lines(overview=watch.overview))
    watch.note([state], failed[:1])
    assert any("3 min 0 s" in line for line in lines(overview=watch.overview))


def test_one_event_is_one() -> None:
    assert "1 event since the beginning" in lines(RATED)[0]

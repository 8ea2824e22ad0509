"""In which order correlated events are shown, and how long its gaps are."""

from dataclasses import replace
from datetime import UTC, datetime

from ops.history.happenings import Happening, HappeningKind, awaited, gaps, in_order, subject_of


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(1_800_000_000 + seconds, UTC)


def event(id: str, time: float | None) -> Happening:
    return Happening(HappeningKind.EVENT, None if time is None else at(time), "x", id, "", "d", id)


def record(of: str, time: float, *announced: str) -> Happening:
    return Happening(HappeningKind.RECORD, at(time), "x", f"record of {of}", "", "d", of, announced)


def dead(of: str, time: float) -> Happening:
    return Happening(HappeningKind.DEAD_LETTER, at(time), "x", f"dead {of}", "", "d", of)


def order(events: list[Happening], *others: Happening) -> list[str]:
    return [each.what for each in in_order(events, others)]


EVENTS = [event("filed", None), event("submitted", 1), event("rated", 3)]


def test_a_record_follows_what_it_announced() -> None:
    recorded = (record("submitted", 4, "rated"), record("filed", 2, "submitted"))

    assert order(EVENTS, *recorded) == ["filed", "submitted", "record of filed", "rated", "record of submitted"]


def test_clocks_that_differ_do_not_turn_cause_and_effect_around() -> None:
    """Evaluation's clock is an hour behind the registry's."""
    slow = [event("filed", None), event("submitted", 3600), event("rated", 3)]

    assert order(slow, record("filed", 3601, "submitted"), record("submitted", 4, "rated")) == [
        "filed",
        "submitted",
        "record of filed",
        "rated",
        "record of submitted",
    ]


def test_a_dead_letter_has_its_place_by_its_time_and_never_before_the_message_that_it_is() -> None:
    assert order(EVENTS, dead("filed", 2)) == ["filed", "submitted", "dead filed", "rated"]
    assert order(EVENTS, dead("rated", 2)) == ["filed", "submitted", "rated", "dead rated"]


def test_a_dead_letter_between_an_event_and_its_record_has_no_gap_that_goes_back() -> None:
    others = (record("rejected", 4, "delivered"), dead("filed", 3.5))
    events = [event("filed", None), event("rejected", 1), event("delivered", 3)]

    assert order(events, *others) == ["filed", "rejected", "delivered", "dead filed", "record of rejected"]
    assert gaps(in_order(events, others)) == [None, None, 2.0, 0.5, 0.5]


def test_what_is_filed_again_stands_after_the_dead_letter_that_the_first_became() -> None:
    again = [event("filed", 1), event("filed", 100)]

    assert order(again, dead("filed", 2)) == ["filed", "dead filed", "filed"]


def test_a_record_that_announces_nothing_has_its_place_by_its_time() -> None:
    assert order(EVENTS, record("submitted", 2)) == ["filed", "submitted", "record of submitted", "rated"]


def test_what_the_journal_does_not_have_any_more_is_placed_by_its_time() -> None:
    assert order([], record("submitted", 4, "rated"), record("filed", 2, "submitted")) == [
        "record of filed",
        "record of submitted",
    ]


def test_gaps_are_seconds_since_the_one_before_where_both_have_a_time() -> None:
    ordered = in_order(EVENTS, [record("filed", 1.0206, "submitted")])

    assert gaps(ordered) == [None, None, 0.02, 1.98]


def test_a_code_is_a_product_s_and_anything_else_an_id() -> None:
    assert subject_of("01-09574-1-2026").code == "01-09574-1-2026"
    assert subject_of("01-09574-1").id == "01-09574-1"


def test_events_are_meant_by_their_correlation_id_their_own_id_and_their_product() -> None:
    by_id, by_code = subject_of("e1"), subject_of("01-09574-1-2026")

    assert by_id.concerns(id="e1", correlation_id="d", product="")
    assert by_id.concerns(id="e2", correlation_id="e1", product="")
    assert not by_id.concerns(id="e2", correlation_id="d", product="")
    assert by_code.concerns(id="e2", correlation_id="d", product="01-09574-1-2026")
    assert by_code.with_correlation_ids(frozenset({"d"})).concerns(id="d", correlation_id="d", product="")


def test_who_has_not_answered_yet_is_known_by_the_topology() -> None:
    filed = Happening(HappeningKind.EVENT, None, "portal", "dossier.filed", "", "d", "d")
    rated = Happening(HappeningKind.EVENT, at(1), "evaluation", "product.rated", "", "d", "r")
    recorded = Happening(HappeningKind.RECORD, at(2), "registry", "recorded: submitted", "", "d", "d", ("s",))

    assert [(each.who, each.event_id) for each in awaited([filed, rated], [recorded])] == [("notifications", "r")]
    assert (
        list(awaited([filed], [Happening(HappeningKind.DEAD_LETTER, None, "registry", "dead letter", "", "d", "d")]))
        == []
    )


def test_what_began_a_story_comes_first_though_the_journal_got_it_later() -> None:
    """What is filed comes into the journal by another queue than what services announce."""
    filed = Happening(HappeningKind.EVENT, None, "x", "filed", "", "filed", "filed")
    answers = [Happening(HappeningKind.EVENT, at(n), "x", id, "", "filed", id) for n, id in enumerate(("sub", "rated"))]

    assert order([answers[0], filed, answers[1]]) == ["filed", "sub", "rated"]


def test_what_the_journal_has_an_answer_to_is_answered_though_no_record_was_found() -> None:
    rejected = Happening(HappeningKind.EVENT, at(1), "registry", "dossier.rejected", "", "d", "r", caused_by="d")
    delivered = Happening(HappeningKind.EVENT, at(2), "notifications", "alert.delivered", "", "d", "a", caused_by="r")

    assert [each.who for each in awaited([rejected], [])] == ["notifications"]
    assert list(awaited([rejected, delivered], [])) == []
    assert [each.who for each in awaited([rejected, replace(delivered, who="registry")], [])] == ["notifications"]


def test_an_event_that_calls_for_no_alert_awaits_none() -> None:
    moved = Happening(HappeningKind.EVENT, at(1), "registry", "round.moved", "", "d", "m")

    assert [each.who for each in awaited([moved], [])] == ["evaluation", "notifications"]
    assert [each.who for each in awaited([moved], [], frozenset({"m"}))] == ["evaluation"]


def test_a_repeat_awaits_nothing_more() -> None:
    rated = Happening(HappeningKind.EVENT, at(1), "evaluation", "product.rated", "", "d", "r")

    assert [each.event_id for each in awaited([rated, replace(rated, is_repeat=True)], [])] == ["r"]


def test_what_began_a_story_and_came_again_stands_there_twice() -> None:
    filed = Happening(HappeningKind.EVENT, at(1), "x", "filed", "", "d", "d")
    answered = Happening(HappeningKind.EVENT, at(2), "x", "answered", "", "d", "s")

    shown = in_order([answered, filed, replace(filed, is_repeat=True)], [])

    assert [(each.what, each.is_repeat) for each in shown] == [("filed", False), ("answered", False), ("filed", True)]


def test_a_repeat_has_the_time_of_the_first_and_so_no_gap() -> None:
    repeated = [event("filed", 1), event("submitted", 3), replace(event("filed", 1), is_repeat=True), event("rated", 4)]

    assert gaps(repeated) == [None, 2.0, None, 1.0]

"""What is drawn, without any server: the same of a seed, and something of all that the law knows."""

import heapq
from collections import Counter
from itertools import count
from random import Random

from tests.lives.acting.acts import act
from tests.lives.acting.agenda import plan as plan_next
from tests.lives.acting.filings import Filed
from tests.lives.acting.sessions import drawn_sessions
from tests.lives.law.days import day_of
from tests.lives.law.falling_due import fall_due
from tests.lives.law.said import Said, said
from tests.lives.plan import Plan


def drawn(plan: Plan) -> tuple[list[Filed], Counter[Said]]:
    """Play a plan as if all went as expected: what is filed, and what is expected."""
    lives, numbers, random = list(plan.followed()), count(1), Random(plan.seed)
    agenda = [(each.next_at, number) for number, each in enumerate(lives) if each.next_at]
    heapq.heapify(agenda)
    filed: list[Filed] = []
    expected: Counter[Said] = Counter()
    while agenda and agenda[0][0] <= plan.horizon:
        at, number = heapq.heappop(agenda)
        actor = lives[number].actor
        expected.update(fall_due(actor.life, day_of(at)))
        if actor.next_at and actor.next_at <= at:
            for session in drawn_sessions([actor] if actor.council else [], numbers, random):
                filed += session.wave(at).filed
                session.take_seats()
            for wave in act(actor, at):
                filed += wave.filed
                expected.update(wave.expected)
            actor.code = actor.code or f"code-{number}"
            plan_next(actor, at, plan.horizon)
        if following := lives[number].next_at:
            heapq.heappush(agenda, (following, number))
    return filed, expected


def test_the_same_seed_draws_the_same_filings() -> None:
    assert drawn(Plan(seed=7, lives=10))[0] == drawn(Plan(seed=7, lives=10))[0]
    assert drawn(Plan(seed=7, lives=10))[0] != drawn(Plan(seed=8, lives=10))[0]


def test_hundreds_of_lives_have_something_of_all_that_the_law_knows() -> None:
    filed, expected = drawn(Plan(seed=1, lives=150))
    fields = {(kind, name, value) for kind, *fields in expected for name, value in fields}
    assert {each.kind for each in filed} == {
        "certificate.imported",
        "commune.assessed",
        "council.concluded",
        "council.convened",
        "dossier.filed",
        "dossier.returned",
        "dossier.withdrawn",
        "recognition.corrected",
        "recognition.decided",
        "recognition.refused",
        "recognition.revoked",
        "result.approved",
        "scorecard.filed",
    }
    closings = {value for kind, name, value in fields if name == "closing" and value}
    assert closings == {
        "below-three-stars",
        "not-above-present-stars",
        "recognised",
        "refused",
        "revoked",
        "taken-over",
        "withdrawn",
    }
    assert {("certificate.issued", "stars", each) for each in (3, 4, 5)} <= fields
    assert {("certificate.expired", "after_extension", each) for each in (True, False)} <= fields
    assert {("deadline.due", "deadline", each) for each in ("commune-assessment", "re-evaluation")} <= fields
    milestones = {value for _, name, value in fields if name == "milestone"}
    assert milestones == {
        "last-day-tomorrow",
        "late-filing-possible",
        "window-closed",
        "window-open",
        "window-opens-in-30-days",
    }


def test_a_difference_names_the_product_what_was_filed_and_the_events() -> None:
    (followed,) = Plan(seed=7, lives=1).followed()
    followed.actor.code = "01-09574-1-2026"
    at = followed.actor.next_at
    assert at is not None
    (wave,) = act(followed.actor, at)
    followed.expected.update(wave.expected)
    followed.tell(at, wave.filed[0])
    followed.hear("an-id", said("product.rated"))
    followed.hear("another", said("dossier.rejected", codes="round-open"))

    told = followed.difference()

    assert "product 01-09574-1-2026" in told
    assert "expected, not seen: product.submitted" in told
    assert "seen, not expected: dossier.rejected codes=round-open x1" in told
    assert "portal files dossier.filed" in told

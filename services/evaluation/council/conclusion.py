"""Decide: a council concludes on a product → its result, rescoring, or who is missing (LIFECYCLE, row 6 and section 3).

Decision 26/2026/QĐ-TTg, Art. 7.3-7.6; what it leaves open is the regulation's, which the session carries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.evaluation import SOURCE
from services.evaluation.answers import answer_faults, elimination_faults
from services.evaluation.council import faults
from services.evaluation.council.counting import Count, count
from services.evaluation.council.judging import Declared, Judged, average_of, judge, spread
from services.evaluation.council.sitting import Sitting, files_for, sitting_faults
from services.evaluation.council.state import FilledCard, Session, Work
from services.evaluation.rulebook import Rulebook, ScoreSheet
from shared.contracts.catalogue import COUNCIL_INCOMPLETE, COUNCIL_RESCORE_REQUESTED, COUNCIL_RESULT, EventType
from shared.contracts.councils import (
    CouncilConcluded,
    CouncilIncomplete,
    CouncilRescoreRequested,
    CouncilResult,
    DifferingCriterion,
    MemberTotal,
    OfSession,
)
from shared.contracts.text import Fault
from shared.faults.fault import listed
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision, Provisional
from shared.legal_date import legal_date


def decide(state: Sitting, filing: Filing[CouncilConcluded], rulebook: Rulebook, now: datetime) -> Decision:
    """Answer with one of `council.result`, `council.rescore-requested`, `council.incomplete` and `filing.rejected`.

    While its session or cards may be on their way: provisionally.
    """
    concluded, session = filing.content, state.session
    if concluded is None:
        return filing.rejected(filing.faults, now)
    if session is None:
        waits = f"there is no session {concluded.session} yet"
        return filing.rejected((faults.session_unknown(concluded.session),), now, provisional=waits)
    found = sitting_faults(session, state, filing, concluded.product_code)
    sheet = rulebook.sheets.get(state.work.state.product_set) if state.work else None
    if files_for(session, filing):
        found = (*found, *_own_faults(session, state, sheet, concluded, now))
    if found or state.work is None or sheet is None:
        return filing.rejected(listed(others=found), now)
    if not state.cards:
        waits = "no scorecard is there yet"
        return filing.rejected((faults.no_scorecards(concluded.product_code),), now, provisional=waits)
    legal_document = rulebook.decision.legal_document
    return _Conclusion(filing, concluded, session, state.work, state.cards, sheet, legal_document, now).decided()


def _own_faults(
    session: Session, state: Sitting, sheet: ScoreSheet | None, concluded: CouncilConcluded, now: datetime
) -> Iterator[Fault]:
    if concluded.present is None and concluded.way == "meeting":
        yield faults.present_missing()
    for index, member in enumerate(concluded.present or ()):
        if session.member(member) is None:
            yield faults.member_unknown(member, "present", index)
        if member in (concluded.present or ())[:index]:
            yield faults.member_twice(member, "present", index)
    if session.member(concluded.presided_by) is None:
        yield faults.member_unknown(concluded.presided_by, "presided_by")
    if concluded.held_on > legal_date(now):
        yield faults.held_in_future(concluded.held_on)
    came_on = state.work.state.letter_date if state.work else None
    if came_on and concluded.held_on < came_on:
        yield faults.held_too_early(concluded.held_on, came_on)
    if sheet:
        yield from answer_faults(sheet, concluded.agreed, at="/agreed")
        yield from elimination_faults(sheet, concluded.eliminations, at="/eliminations")


@dataclass(frozen=True)
class _Conclusion:
    """A conclusion in which nothing is wrong by itself."""

    filing: Filing[CouncilConcluded]
    concluded: CouncilConcluded
    session: Session
    work: Version[Work]
    cards: tuple[FilledCard, ...]
    sheet: ScoreSheet
    legal_document: str
    now: datetime

    def decided(self) -> Decision:
        counted = count(self.session, self.cards, self.concluded)
        if not counted.is_complete:
            return self._incomplete(counted)
        allowed, rescoring = self.session.regulation.spread.largest, self.session.regulation.rescoring
        if spread(counted.counted) > allowed and self.work.state.rescored < rescoring.times:
            return self._rescoring(counted.counted, allowed)
        return self._result(counted.counted)

    def _incomplete(self, counted: Count) -> Decision:
        incomplete = CouncilIncomplete(
            **self._of_session,
            counted=len(counted.counted),
            needed=counted.needed,
            missing=counted.missing,
            chair_missing=counted.chair_missing,
        )
        decision = self._announced("incomplete", COUNCIL_INCOMPLETE, incomplete, self.work.state)
        waits = Provisional("cards of its members may be on their way")
        # what neither the chair nor a deputy presided over, no card changes
        return replace(decision, provisional=waits if counted.missing else None)

    def _rescoring(self, cards: Sequence[FilledCard], allowed: int) -> Decision:
        asked = CouncilRescoreRequested(
            **self._of_session,
            spread=spread(cards),
            allowed=allowed,
            totals=tuple(MemberTotal(member=card.member, total=card.total) for card in cards),
            criteria=tuple(differing(self.sheet, cards)),
        )
        state = self.work.state.model_copy(update={"rescored": self.work.state.rescored + 1})
        return self._announced("rescore-requested", COUNCIL_RESCORE_REQUESTED, asked, state)

    def _result(self, cards: Sequence[FilledCard]) -> Decision:
        must_declare, concluded = self.work.state.must_declare_quality, self.concluded
        judged = judge(
            self.sheet, self.session.regulation, cards, declared(concluded), must_declare_quality=must_declare
        )
        result = CouncilResult(
            **self._of_session,
            move=self.work.state.move,
            legal_document=self.legal_document,
            score_sheet=self.sheet.code,
            **as_announced(judged, self.session),
            held_on=concluded.held_on,
        )
        before = self.work.state
        state = before.model_copy(
            update={
                "visit": 0,
                "session": None,
                "cards": (),
                "concluded": (*before.concluded, self.session.id),
                "letter_date": self.concluded.held_on,
            }
        )
        return self._announced("result", COUNCIL_RESULT, result, state)

    @property
    def _of_session(self) -> dict[str, Any]:
        work = self.work.state
        return {
            "product_code": work.code,
            "product_name": work.product_name,
            "product_set": work.product_set,
            "registration": work.registration,
            "round": work.round,
            "session": self.session.id,
            "level": self.session.level,
            "regulation": self.session.regulation.reference,
            "sealed_recipient": work.sealed_recipient,
        }

    def _announced(self, outcome: str, kind: EventType[Any], data: OfSession, state: Work) -> Decision:
        event, version = self.filing.event, self.work.then(state)
        answer = event.answer(kind, data, source=SOURCE, subject=state.code, now=self.now, place=self.filing.place.text)
        fields = {
            **self.filing.on_record,
            "outcome": outcome,
            # with what it takes to recompute it in years: rules, members, and whether minimums bound the product
            "conclusion": self.concluded.model_dump(mode="json"),
            "sitting": self.session.model_dump(mode="json", exclude={"visits"}),
            "must_declare_quality": self.work.state.must_declare_quality,
        }
        # readers of a product go by the registry's order of it, as with its rating
        return Decision(event.key, (replace(answer, sequence=state.sequence),), fields, version=version)


def declared(concluded: CouncilConcluded) -> Declared:
    """Return what a conclusion says beside the cards."""
    agreed = {answer.criterion: answer.option for answer in concluded.agreed}
    return Declared(agreed, frozenset(concluded.eliminations))


def as_announced(judged: Judged, session: Session) -> dict[str, Any]:
    """Return the fields of `council.result` that follow from the cards."""
    return {
        "average": average_of(judged),
        "counted": judged.cards,
        "members": len(session.members),
        "spread": judged.spread,
        "spread_stands": judged.spread > session.regulation.spread.largest,
        "band": judged.band,
        "stars": judged.stars,
        "stops": judged.stops,
        "unmet_minimums": judged.unmet_minimums,
    }


def differing(sheet: ScoreSheet, cards: Sequence[FilledCard]) -> Iterator[DifferingCriterion]:
    """Yield the criteria at which the cards have different points, in the order of the sheet."""
    for leaf in sheet.leaves:
        points = [leaf.points[card.options.get(leaf.code, 0)] for card in cards]
        if min(points) != max(points):
            yield DifferingCriterion(criterion=leaf.code, lowest=min(points), highest=max(points))

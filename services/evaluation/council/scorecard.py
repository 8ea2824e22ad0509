"""Decide: a member's scorecard → kept, or everything that is wrong with it (LIFECYCLE, row 5).

A member's later card replaces her earlier one until the council concludes; every card stays on record for ever.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.evaluation.answers import Answers, answer_faults, elimination_faults
from services.evaluation.council import faults
from services.evaluation.council.sitting import Sitting, files_for, sitting_faults
from services.evaluation.council.state import Card, FilledCard, Session, Work
from services.evaluation.rulebook import Rulebook, ScoreSheet
from services.evaluation.scoring import score
from shared.contracts.councils import ScorecardFiled
from shared.contracts.text import Fault
from shared.faults.fault import listed
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision


def decide(state: Sitting, filing: Filing[ScorecardFiled], rulebook: Rulebook, now: datetime) -> Decision:
    """Keep the card, or answer with `filing.rejected`; before its session is there, provisionally."""
    filed, session = filing.content, state.session
    if filed is None:
        return filing.rejected(filing.faults, now)
    if session is None:
        waits = f"there is no session {filed.session} yet"
        return filing.rejected((faults.session_unknown(filed.session),), now, provisional=waits)
    found = sitting_faults(session, state, filing, filed.product_code)
    sheet = rulebook.sheets.get(state.work.state.product_set) if state.work else None
    if files_for(session, filing):
        found = (*found, *_card_faults(session, sheet, filed))
    if found or state.work is None or sheet is None:
        return filing.rejected(listed(others=found), now)
    return _kept(state.work, session, sheet, filing, filed)


def _card_faults(session: Session, sheet: ScoreSheet | None, filed: ScorecardFiled) -> Iterator[Fault]:
    if session.member(filed.member) is None:
        yield faults.member_unknown(filed.member, "member")
    if sheet and filed.score_sheet != sheet.code:
        yield faults.score_sheet_wrong(filed.score_sheet, sheet.code)
    elif sheet:
        yield from answer_faults(sheet, filed.answers, at="/answers")
        yield from elimination_faults(sheet, filed.eliminations, at="/eliminations")


def _kept(
    work: Version[Work], session: Session, sheet: ScoreSheet, filing: Filing[ScorecardFiled], filed: ScorecardFiled
) -> Decision:
    card = Card(key=filing.event.key, member=filed.member, total=total_of(sheet, filed), filed_at=filing.event.time)
    earlier = work.state.cards_of(session.id)
    own = next((each for each in earlier if each.member == card.member), None)
    counts = card.replaces(own)
    fields: dict[str, Any] = {
        **filing.on_record,
        "outcome": "card-kept" if counts else "card-older",
        "card": filed.model_dump(mode="json"),
        "kept_as": card.model_dump(mode="json"),
    }
    if not counts:  # it waited on its way, and the member has filed a later one since
        return Decision(filing.event.key, (), fields, version=work.then(work.state))
    kept = (*(each for each in earlier if each is not own), card)
    same = work.state.session == session.id
    state = work.state.model_copy(
        update={"session": session.id, "cards": kept, "rescored": work.state.rescored if same else 0}
    )
    return Decision(filing.event.key, (), fields, version=work.then(state))


def filled_card(document: Mapping[str, Any]) -> FilledCard:
    """Return the card that a record has, with its answers."""
    filed = ScorecardFiled.model_validate(document["card"])
    return FilledCard(**document["kept_as"], options=options_of(filed), eliminations=filed.eliminations)


def total_of(sheet: ScoreSheet, filed: ScorecardFiled) -> int:
    """Return a card's total by the sheet's rules: whole points from 0 to 100."""
    return score(sheet, Answers(options_of(filed), frozenset(filed.eliminations))).total


def options_of(filed: ScorecardFiled) -> dict[str, int]:
    """Return the options of a card by criterion."""
    return {answer.criterion: answer.option for answer in filed.answers}

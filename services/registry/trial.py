"""Decide: a dossier that is only tried → everything that is wrong with it, or what its score sheet is to read.

Nothing of it is recorded: no code is given, nobody is alerted, and filing it later is as if it had never been tried.
"""

from dataclasses import replace
from datetime import datetime

from services.registry import SOURCE
from services.registry.disclosure import without_contact, without_personal_numbers
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState, all_faults
from services.registry.unreadable import unreadable_fault
from shared.contracts.catalogue import DOSSIER_EXAMINED, DOSSIER_REJECTED, DOSSIER_TRIED, TRIAL_RESULT
from shared.contracts.event import Event, UnreadableError
from shared.contracts.text import Fault
from shared.contracts.trial import DossierExamined, TrialResult
from shared.handling.outcome import Decision


def decide(state: RegisterState, trial: ExaminedDossier, now: datetime) -> Decision:
    """Turn a tried dossier back as a filed one would be, or hand it on to be rated.

    It is answered as the register stands: what is still on its way is not waited for. Nor does it matter that a dossier
    was filed under the trial's id, since nothing is filed under it now.
    """
    event, dossier = trial.event, trial.examination.dossier
    faults = all_faults(replace(state, same_id=False), trial)
    if faults or dossier is None:
        return _rejected(event, faults, now)
    examined = DossierExamined(trial_id=event.id, dossier=without_contact(without_personal_numbers(dossier)))
    return Decision(event.key, (event.answer(DOSSIER_EXAMINED, examined, source=SOURCE, subject=event.id, now=now),))


def unreadable(state: UnreadableError, event: Event, now: datetime) -> Decision:
    """Answer with the reason why a message cannot be read; `event` is what can be made out of it."""
    return _rejected(event, (unreadable_fault(state, DOSSIER_TRIED),), now)


def _rejected(event: Event, faults: tuple[Fault, ...], now: datetime) -> Decision:
    result = TrialResult(trial_id=event.id, answer=DOSSIER_REJECTED.name, faults=faults)
    answer = event.answer(TRIAL_RESULT, result, source=SOURCE, subject=event.id, now=now)
    return Decision(event.key, (answer.named_by_its_data(),))

"""Decide: a tried dossier that the register would accept → the rating that it would get, or why it would get none."""

from dataclasses import replace
from datetime import datetime

from services.evaluation import SOURCE
from services.evaluation.assessment import read
from services.evaluation.rulebook import Rulebook
from shared.contracts.catalogue import ASSESSMENT_REJECTED, PRODUCT_RATED, TRIAL_RESULT
from shared.contracts.event import Event, contents
from shared.contracts.rating import Rating
from shared.contracts.trial import DossierExamined, TrialResult
from shared.handling.outcome import Decision


def decide(state: Rulebook, event: Event, now: datetime) -> Decision:
    """Answer the trial that an examined dossier is of. Raise BrokenContractError where it is none."""
    examined = contents(event, DossierExamined)
    found = read(state, examined.dossier)
    if isinstance(found, Rating):
        result = TrialResult(trial_id=examined.trial_id, answer=PRODUCT_RATED.name, rating=found)
    else:
        result = TrialResult(trial_id=examined.trial_id, answer=ASSESSMENT_REJECTED.name, faults=found)
    answer = event.answer(TRIAL_RESULT, result, source=SOURCE, subject=examined.trial_id, now=now)
    # to who tried it, this answers the trial: nobody there knows of the event between
    return Decision(event.key, (replace(answer.named_by_its_data(), causation_id=examined.trial_id),))

"""Decide: a submitted product → its rating, or every answer that the score sheet does not know."""

from dataclasses import replace
from datetime import datetime

from services.evaluation import SOURCE
from services.evaluation.advice import advise
from services.evaluation.answers import Answers, faults
from services.evaluation.assessed import Assessed, in_short
from services.evaluation.rulebook import Rulebook, ScoreSheet
from services.evaluation.scoring import score
from shared.contracts.catalogue import ASSESSMENT_REJECTED, PRODUCT_RATED
from shared.contracts.dossier import AnnouncedDossier
from shared.contracts.event import Event, contents
from shared.contracts.product import ProductSubmitted
from shared.contracts.rating import AssessmentRejected, ProductRated, Rating
from shared.contracts.text import Fault
from shared.handling.history import Version
from shared.handling.outcome import Decision


def decide(state: Rulebook, event: Event, now: datetime) -> Decision:
    """Answer a submitted product with exactly one of `product.rated` and `assessment.rejected`.

    The state is the score sheets in force. Raise BrokenContractError where the event's data is no submitted product.
    """
    submitted = contents(event, ProductSubmitted)
    answer, code = assess(state, submitted), submitted.product_code
    if isinstance(answer, ProductRated):
        announced = event.answer(PRODUCT_RATED, answer, source=SOURCE, subject=code, now=now)
        assessed = _assessed(_sheet(state, submitted.dossier), submitted, answer, event.sequence)
    else:
        announced = event.answer(ASSESSMENT_REJECTED, answer, source=SOURCE, subject=code, now=now)
        assessed = Assessed(outcome="rejected")
    # a self-assessment is assessed once; whoever follows the product goes by the registry's order of its dossiers
    return Decision(
        event.key,
        (replace(announced, sequence=event.sequence),),
        {
            "event": event.reference,
            "product_code": code,
            "filed": {"dossier": submitted.dossier_id, "by": event.filed_by},
            "sequence": event.sequence,
            "round": {"number": submitted.round, "due_on": submitted.due_on and submitted.due_on.isoformat()},
            "outcome": assessed.outcome,
        },
        version=Version(event.key, 1, assessed),
    )


def _assessed(sheet: ScoreSheet, submitted: ProductSubmitted, rated: ProductRated, sequence: int | None) -> Assessed:
    answers = Answers.of(submitted.dossier)
    return Assessed(
        outcome="rated",
        stars=rated.stars,
        total=rated.total,
        product_code=rated.product_code,
        sequence=sequence,
        score_sheet=rated.score_sheet,
        answers=in_short(sheet, answers.options),
        eliminated=bool(answers.eliminations),
        must_declare_quality=answers.must_declare_quality,
        option_steps=rated.advice.option_steps if rated.advice else None,
    )


def assess(rulebook: Rulebook, submitted: ProductSubmitted) -> ProductRated | AssessmentRejected:
    """Rate the self-assessment of a product by the score sheet of its set (Form 02, part III)."""
    found, sheet = read(rulebook, submitted.dossier), _sheet(rulebook, submitted.dossier)
    if isinstance(found, Rating):
        return _rated(sheet, submitted, found)
    return _rejected(rulebook.decision.legal_document, sheet, submitted, found)


def read(rulebook: Rulebook, dossier: AnnouncedDossier) -> Rating | tuple[Fault, ...]:
    """Return what the score sheet says of a dossier's self-assessment, or every answer that it does not know."""
    sheet = _sheet(rulebook, dossier)
    if found := faults(sheet, dossier.self_assessment):
        return found
    answers = Answers.of(dossier)
    rated = score(sheet, answers)
    return Rating(
        basis="self-assessment",
        legal_document=rulebook.decision.legal_document,
        score_sheet=sheet.code,
        parts=rated.parts,
        groups=rated.groups,
        criteria=rated.criteria,
        total=rated.total,
        band=rated.band,
        stars=rated.stars,
        stops=rated.stops,
        unmet_minimums=rated.unmet_minimums,
        unanswered=rated.unanswered,
        advice=advise(sheet, answers, rated),
    )


def _sheet(rulebook: Rulebook, dossier: AnnouncedDossier) -> ScoreSheet:
    return rulebook.sheets[dossier.product.product_set]


def _rated(sheet: ScoreSheet, submitted: ProductSubmitted, rating: Rating) -> ProductRated:
    return ProductRated(
        product_code=submitted.product_code,
        product_name=submitted.dossier.product.name,
        product_set=sheet.product_set,
        product_set_name=sheet.name.text,
        registration=submitted.dossier.registration,
        sealed_recipient=submitted.sealed_recipient,
        due_on=submitted.due_on,
        **dict(rating),
    )


def _rejected(
    legal_document: str, sheet: ScoreSheet, submitted: ProductSubmitted, found: tuple[Fault, ...]
) -> AssessmentRejected:
    return AssessmentRejected(
        product_code=submitted.product_code,
        product_name=submitted.dossier.product.name,
        product_set=sheet.product_set,
        registration=submitted.dossier.registration,
        sealed_recipient=submitted.sealed_recipient,
        legal_document=legal_document,
        score_sheet=sheet.code,
        faults=found,
    )

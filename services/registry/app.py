"""The registry as a table: dossiers, contacts and what offices file in, answers out; trials and questions, too."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from services.registry import commune, province, recognition, withdrawal
from services.registry.certificate_handlers import (
    TIMETABLE,
    certificate_imported,
    recognition_corrected,
    recognition_revoked,
)
from services.registry.handlers import (
    Registry,
    assessment_rejected,
    dossier_filed,
    migrated,
    producer_contact,
    producer_succeeded,
    unreadable_dossier,
)
from services.registry.products import VIEW
from services.registry.query_handlers import register_asked, unreadable_question
from services.registry.round_filings import Rule
from services.registry.round_handlers import council_result, filed_about_a_round
from services.registry.settings import RegistrySettings
from services.registry.trial_handlers import dossier_tried, unreadable_trial
from shared.contracts.catalogue import (
    ASSESSMENT_REJECTED,
    CERTIFICATE_IMPORTED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    PRODUCER_CONTACT,
    PRODUCER_PREFERENCES,
    PRODUCER_SUCCEEDED,
    RECOGNITION_CORRECTED,
    RECOGNITION_REVOKED,
    REGISTER_QUERY,
)
from shared.handling.dispatcher import Handler
from shared.service import App, Job, run

#: What offices, and whoever filed a dossier, may ask of its round.
RULES: tuple[Rule[Any], ...] = (
    commune.ASSESSED,
    province.RETURNED,
    province.APPROVED,
    recognition.DECIDED,
    recognition.REFUSED,
    withdrawal.WITHDRAWN,
)

APP = App(
    "registry",
    prepare=Registry.prepared,
    before_taking=Registry.before_taking,
    settings=RegistrySettings,
    handlers={
        ASSESSMENT_REJECTED: Handler(assessment_rejected),
        PRODUCER_CONTACT: Handler(producer_contact),
        PRODUCER_PREFERENCES: Handler(producer_contact),
        DOSSIER_FILED: Handler(dossier_filed, unreadable=unreadable_dossier),
        DOSSIER_TRIED: Handler(dossier_tried, unreadable=unreadable_trial),
        REGISTER_QUERY: Handler(register_asked, unreadable=unreadable_question),
        PRODUCER_SUCCEEDED: Handler(producer_succeeded),
        COUNCIL_RESULT: Handler(council_result),
        **{rule.kind: Handler(partial(filed_about_a_round, rule)) for rule in RULES},
        CERTIFICATE_IMPORTED: Handler(certificate_imported),
        RECOGNITION_CORRECTED: Handler(recognition_corrected),
        RECOGNITION_REVOKED: Handler(recognition_revoked),
    },
    view=VIEW,
    timers=TIMETABLE,
    jobs={"migrate": Job("bring a register up to date that an earlier version kept", migrated)},
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run the registry, or the job that the arguments name."""
    run(APP, arguments)

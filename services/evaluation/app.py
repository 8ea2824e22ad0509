"""Evaluation as a table: `product.submitted` in, its rating or `assessment.rejected` out.

Councils too: sessions, scorecards and conclusions in, results out; and questions: `product.query` in, `product.state`
or `query.rejected` out, to who asked; `dossier.examined` in, `trial.result` out, to who tried it.
"""

from collections.abc import Sequence

from services.evaluation.council_handlers import (
    certificate_changed,
    council_concluded,
    council_convened,
    round_moved,
    scorecard_filed,
)
from services.evaluation.handlers import (
    Evaluation,
    dossier_examined,
    product_query,
    product_submitted,
    unreadable_query,
)
from services.evaluation.metrics import count
from services.evaluation.ratings import VIEW
from services.evaluation.settings import EvaluationSettings
from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    DOSSIER_EXAMINED,
    PRODUCT_QUERY,
    PRODUCT_SUBMITTED,
    ROUND_MOVED,
    SCORECARD_FILED,
)
from shared.handling.dispatcher import Handler
from shared.service import App, run

APP = App(
    "evaluation",
    prepare=Evaluation.prepared,
    settings=EvaluationSettings,
    handlers={
        PRODUCT_SUBMITTED: Handler(product_submitted),
        PRODUCT_QUERY: Handler(product_query, unreadable=unreadable_query),
        DOSSIER_EXAMINED: Handler(dossier_examined),
        COUNCIL_CONVENED: Handler(council_convened),
        SCORECARD_FILED: Handler(scorecard_filed),
        COUNCIL_CONCLUDED: Handler(council_concluded),
        ROUND_MOVED: Handler(round_moved),
        CERTIFICATE_ISSUED: Handler(certificate_changed(CERTIFICATE_ISSUED)),
        CERTIFICATE_EXTENDED: Handler(certificate_changed(CERTIFICATE_EXTENDED)),
        CERTIFICATE_EXPIRED: Handler(certificate_changed(CERTIFICATE_EXPIRED)),
        CERTIFICATE_SUPERSEDED: Handler(certificate_changed(CERTIFICATE_SUPERSEDED)),
        CERTIFICATE_REVOKED: Handler(certificate_changed(CERTIFICATE_REVOKED)),
    },
    on_recorded=count,
    view=VIEW,
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run evaluation, or the job that the arguments name."""
    run(APP, arguments)

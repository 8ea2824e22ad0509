"""Evaluation as a table: `product.submitted` in, its rating or `assessment.rejected` out.

Questions too: `product.query` in, `product.state` or `query.rejected` out, to who asked.
"""

from collections.abc import Sequence

from services.evaluation.assessment import Assessed
from services.evaluation.handlers import Evaluation, product_query, product_submitted, unreadable_query
from services.evaluation.metrics import count
from shared.contracts.catalogue import PRODUCT_QUERY, PRODUCT_SUBMITTED
from shared.handling.dispatcher import Handler
from shared.handling.now import View
from shared.scope_settings import ScopeSettings
from shared.service import App, run

APP = App(
    "evaluation",
    prepare=Evaluation.prepared,
    settings=ScopeSettings,
    handlers={
        PRODUCT_SUBMITTED: Handler(product_submitted),
        PRODUCT_QUERY: Handler(product_query, unreadable=unreadable_query),
    },
    on_recorded=count,
    view=View(Assessed),
)


def main(arguments: Sequence[str] = ()) -> None:
    """Run evaluation, or the job that the arguments name."""
    run(APP, arguments)

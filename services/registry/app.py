"""The registry as a table: `dossier.filed` in, `product.submitted` or `dossier.rejected` out."""

from services.registry.handlers import Registry, assessment_rejected, dossier_filed, unreadable_dossier
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED
from shared.service import App, Handler, run

APP = App(
    "registry",
    prepare=Registry.prepared,
    handlers={
        ASSESSMENT_REJECTED: Handler(assessment_rejected),
        DOSSIER_FILED: Handler(dossier_filed, unreadable=unreadable_dossier),
    },
)


def main() -> None:
    """Run the registry."""
    run(APP)

"""The registry as a table: `dossier.filed` in, `product.submitted` or `dossier.rejected` out."""

from services.registry.handlers import Registry, assessment_rejected, dossier_filed, unreadable_dossier
from services.registry.settings import RegistrySettings
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED
from shared.handling.dispatcher import Handler
from shared.service import App, run

APP = App(
    "registry",
    prepare=Registry.prepared,
    before_taking=Registry.before_taking,
    settings=RegistrySettings,
    handlers={
        ASSESSMENT_REJECTED: Handler(assessment_rejected),
        DOSSIER_FILED: Handler(dossier_filed, unreadable=unreadable_dossier),
    },
)


def main() -> None:
    """Run the registry."""
    run(APP)

"""A dossier that is only tried: what filing it now would be answered with."""

from typing import Literal

from shared.contracts.dossier import AnnouncedDossier, Dossier
from shared.contracts.rating import Rating
from shared.contracts.text import Contract, Fault, Text


class TriedDossier(Dossier):
    """The data of `dossier.tried`: a dossier as it would be filed, to learn what would come of it."""


class DossierExamined(Contract):
    """The data of `dossier.examined`: a tried dossier that the register would accept, for its score sheet to be read.

    It goes from service to service, and no integration sees it.
    """

    #: id of the dossier.tried
    trial_id: Text
    #: as product.submitted would have it
    dossier: AnnouncedDossier


class TrialResult(Contract):
    """The data of `trial.result`: what a dossier that was tried would be answered with, were it filed now.

    It goes to the queue of who tried it, and to no other.
    """

    #: id of the dossier.tried that is answered
    trial_id: Text
    #: the event that would say what came of it
    answer: Literal["dossier.rejected", "assessment.rejected", "product.rated"]
    #: as that event would have them; none with product.rated
    faults: tuple[Fault, ...] = ()
    #: as product.rated would have it, null where there is none
    rating: Rating | None = None

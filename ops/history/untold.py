"""Why a producer is not alerted to an event: notifications keeps nothing of it."""

from collections.abc import Sequence

from ops.history.records import Record
from ops.language import Message
from services.notifications.told import BY_TYPE, is_told
from shared.contracts.catalogue import DOSSIER_REJECTED
from shared.contracts.dossier import DossierRejected
from shared.contracts.event import BrokenContractError, Event, contents


def is_untold(event: Event) -> bool:
    """Return whether an event calls for no alert, as far as it can be read."""
    try:
        return event.type in BY_TYPE and not is_told(contents(event, BY_TYPE[event.type].model))
    except BrokenContractError:
        return False


def why_untold(rejected: DossierRejected) -> Message | None:
    """Return why nobody is alerted to a rejection, None where somebody is."""
    if rejected.repeated:
        return Message("no alert: the producer was told the same before")
    return None if is_told(rejected) else Message("no alert: only the program that sent it can mend it")


def reason_of(event: Event) -> str | None:
    """Return why nobody is alerted to an event, None where somebody is, or where no one would expect it."""
    if event.type != DOSSIER_REJECTED.type:
        return None
    try:
        return why_untold(contents(event, DossierRejected))
    except BrokenContractError:
        return None


def untold_among(registered: Sequence[Record]) -> Message | None:
    """Return why nobody was alerted to the last of the registry's records. Raise AccessError."""
    answer = registered[-1].answer if registered else None
    return why_untold(answer) if isinstance(answer, DossierRejected) else None

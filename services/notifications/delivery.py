"""A delivery: what one channel hands over to one address, an alert or several as one digest."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from services.notifications.digest import Digest
from services.notifications.plan import Alert
from shared.contracts.dossier import Language


@dataclass(frozen=True)
class Delivery:
    """Alerts to one address by one channel: most often one, several where they are a digest.

    Its id is always the same for the same delivery, so that whoever receives it can recognise a repeat. `to` is the
    mail address, the telephone number as it was filed, or the name of a webhook's subscription; it is personal, and
    kept out of `repr`.
    """

    id: str
    to: str = field(repr=False)
    alerts: tuple[Alert, ...]

    @property
    def first(self) -> Alert:
        """The alert that came first: the only one, unless it is a digest."""
        return self.alerts[0]

    @property
    def language(self) -> Language:
        """The language that the recipient reads."""
        return self.first.language

    @property
    def time(self) -> datetime:
        """When the newest of what it is about happened."""
        return max(alert.time for alert in self.alerts)

    @property
    def subject(self) -> str:
        """The delivery in one line."""
        return self._words.subject

    @property
    def short(self) -> str:
        """The delivery in at most 160 characters."""
        return self._words.short

    @property
    def text(self) -> str:
        """The delivery as plain text."""
        return self._words.text

    @property
    def html(self) -> str:
        """The delivery as a page of HTML."""
        return self._words.html

    @cached_property
    def _words(self) -> Alert | Digest:
        return self.first if len(self.alerts) == 1 else Digest(self.alerts)

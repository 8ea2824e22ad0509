"""Decide: which offices of the programme are alerted to an event; `deploy/offices.yaml` says how they are reached."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter, field_validator

from services.notifications.offices_told import office_levels_told, places_told, seen_by
from services.notifications.plan import Alert, compose
from services.notifications.told import AlertedEvent
from shared.contracts.dossier import Reach, Recipient
from shared.contracts.event import Event, derived_id
from shared.integrations import WrittenScope
from shared.scopes import Place, Role, Scope
from shared.yaml_file import load_file

OfficeName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_LEVELS = frozenset({Role.COMMUNE, Role.PROVINCE, Role.CENTRE})


class Office(BaseModel):
    """An office of the programme: what it is responsible for, what it is called, and how it is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: `{commune: ["01-09574"]}`, `{province: "01"}` or `centre`
    scope: WrittenScope
    #: how it is addressed
    title: str
    #: an address and a telephone of the office, no person's
    contact: Reach

    @field_validator("scope")
    @classmethod
    def _is_an_office_s(cls, scope: Scope) -> Scope:
        if scope.role not in _LEVELS:
            raise ValueError("an office is one of a commune, of a province, or the centre")
        return scope


_FILE: TypeAdapter[dict[OfficeName, Office]] = TypeAdapter(dict[OfficeName, Office])


@dataclass(frozen=True)
class Offices:
    """The offices that can be reached, by name."""

    by_name: dict[str, Office]

    def of(self, level: Role, places: Iterable[Place]) -> Iterator[str]:
        """Yield the offices of a level that are responsible for any of these places."""
        known = frozenset(chain.from_iterable(place.known for place in places))
        for name, office in self.by_name.items():
            if office.scope.role is level and not office.scope.places.isdisjoint(known):
                yield name


def load_offices(file: Path) -> Offices:
    """Return the offices of a file. Raise SettingsError: a line for each fault names the file and the place."""
    return Offices(load_file(file, _FILE))


def alerts_of_offices(offices: Offices, event: Event, event_data: AlertedEvent, now: datetime) -> Iterator[Alert]:
    """Yield the alerts that an event calls for to offices, those of its place."""
    place = _place(event)
    for level in office_levels_told(event_data):
        for name in offices.of(Role(level), places_told(level, event_data, place)):
            yield alert_of_office(offices, name, event, event_data, now)


def alert_of_office(offices: Offices, name: str, event: Event, event_data: AlertedEvent, now: datetime) -> Alert:
    """Return the alert of an event to an office. One that is not in the file any more has no address."""
    office = offices.by_name.get(name)
    recipient = Recipient(name=office.title, contact=office.contact) if office else None
    alert_id = derived_id(event.key, "alert", "office", name)
    seen = seen_by(office.scope, event_data) if office else event_data
    alert = compose(seen, recipient, alert_id=alert_id, about=event.id, time=event.time or now)
    return replace(alert, audience="office", to=name, event=event)


def _place(event: Event) -> Place:
    province, _, commune = (event.place or "").partition("-")
    return Place(province or None, commune or None)

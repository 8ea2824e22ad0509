"""The systems that connect to this one, from `deploy/integrations.yaml`: what each sees, and what it may file."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    field_validator,
)

from shared.contracts.catalogue import (
    CATALOGUE,
    DOSSIER_TRIED,
    EVENTS,
    INTAKE,
    PRODUCT_QUERY,
    PRODUCT_RATED,
    REGISTER_QUERY,
    EventType,
)
from shared.contracts.event import Event
from shared.messaging.routing import binding_key, inbox_of
from shared.scopes import EVERYWHERE, Place, Role, Scope
from shared.yaml_file import load_file, read_file

#: What is published beside the code, in a clone and in the image.
FILE = Path(__file__).parents[1] / "deploy" / "integrations.yaml"

#: The name is part of a user's and a queue's name. A dot in it would let one integration read another's queue.
IntegrationName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_ANNOUNCED = {event_type.name: event_type for event_type in CATALOGUE if event_type.exchange == EVENTS}
_PROVINCE = re.compile(r"[0-9]{2}")
_PLACE = re.compile(r"[0-9]{2}(-[0-9]{5})?")
_FORMS = f'{{portal: {EVERYWHERE}}}, {{commune: ["01-09574"]}}, {{province: "01"}} or centre'


def _scope(written: object) -> Scope:
    """Read a scope as the file has it. Raise ValueError, which says what was expected."""
    match written:
        case Scope():
            return written
        case "centre":
            return Scope(Role.CENTRE, frozenset({EVERYWHERE}))
        case {"province": code, **rest} if not rest:
            return Scope(Role.PROVINCE, frozenset({_code(code, _PROVINCE, "the code of a province")}))
        case {"portal": places, **rest} if not rest:
            return Scope(Role.PORTAL, _places(places))
        case {"commune": places, **rest} if not rest:
            return Scope(Role.COMMUNE, _places(places))
        case _:
            raise ValueError(f"must be {_FORMS}")


def _places(written: object) -> frozenset[str]:
    if written == EVERYWHERE:
        return frozenset({EVERYWHERE})
    if not isinstance(written, list) or not written:
        raise ValueError(f"places must be a list of codes, or {EVERYWHERE}")
    return frozenset(_code(each, _PLACE, "the code of a province or of a province and a commune") for each in written)


def _code(written: object, form: re.Pattern[str], what: str) -> str:
    if not isinstance(written, str) or not form.fullmatch(written):
        example = '"01"' if form is _PROVINCE else '"01" or "01-09574"'
        raise ValueError(f"{written!r} is not {what}; write {example}, in quotation marks")
    return written


#: What is asked of products, by one right.
_QUESTIONS = (PRODUCT_QUERY, REGISTER_QUERY)
#: A scope as a file has it: `{commune: ["01-09574"]}`, `{province: "01"}`, `centre`.
WrittenScope = Annotated[Scope, BeforeValidator(_scope)]


class Listener(BaseModel):
    """What somebody sees of the events of its places."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    #: In which role it files and sees, and for which places.
    scope: WrittenScope
    #: The only kinds of events that it is to see of its places; without, all that its role may see.
    listens_to: tuple[str, ...] | None = Field(None, min_length=1)

    @field_validator("listens_to")
    @classmethod
    def _are_announced(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        unknown = [name for name in names or () if name not in _ANNOUNCED]
        if unknown:
            raise ValueError(f"no service announces {', '.join(unknown)}; known: {', '.join(_ANNOUNCED)}")
        return names

    @property
    def sees(self) -> tuple[EventType[Any], ...]:
        """The kinds of events that it sees of its places, whoever filed."""
        wanted = _ANNOUNCED if self.listens_to is None else self.listens_to
        return tuple(kind for name, kind in _ANNOUNCED.items() if name in wanted and self.scope.may_see(kind))

    def is_shown(self, event: Event) -> bool:
        """Return whether it sees an event: it is of a kind that it sees, and is known to be of one of its places."""
        places = Place.of_text(event.place).known
        return any(event.type == kind.type for kind in self.sees) and not self.scope.places.isdisjoint(places)


class Integration(Listener):
    """What one system sees and may file, and whether it may use the broker's management interface."""

    #: Whether it may try things out over HTTP. It then sees names and depths of all queues, and no more messages.
    management_api: bool = False

    @property
    def binding_keys(self) -> tuple[str, ...]:
        """The keys on `ocop.events` of what it sees of its places."""
        places = [None if place == EVERYWHERE else place for place in sorted(self.scope.places)]
        return tuple(binding_key(kind, place) for kind in self.sees for place in places)

    @property
    def may_ask(self) -> bool:
        """Return whether it may ask how products stand: an answer says of ratings what product.rated does."""
        return PRODUCT_RATED in self.sees and self.scope.may_file(PRODUCT_QUERY)

    @property
    def may_try(self) -> bool:
        """Return whether it may try a dossier without filing it."""
        return self.scope.may_file(DOSSIER_TRIED)

    @property
    def may_not_file(self) -> tuple[EventType[Any], ...]:
        """The kinds of events on the intake that it has no right to file, wherever."""
        may_file = {kind: self.scope.may_file(kind) for kind in CATALOGUE if kind.exchange == INTAKE}
        return tuple(kind for kind, may in {**may_file, **dict.fromkeys(_QUESTIONS, self.may_ask)}.items() if not may)


_FILE: TypeAdapter[dict[IntegrationName, Integration]] = TypeAdapter(dict[IntegrationName, Integration])


def load_integrations(file: Path = FILE) -> dict[str, Integration]:
    """Return name → integration. Raise SettingsError: a line for each fault names the file and the place."""
    return load_file(file, _FILE)


def read_integrations(content: bytes) -> dict[str, Integration]:
    """Return name → integration. Raise ValueError: a line for each fault, which begins with its place."""
    return read_file(content, _FILE)


def user_of(name: str) -> str:
    """Return the name of an integration's user on the broker."""
    return f"integration.{name}"


def queue_of(name: str) -> str:
    """Return the name of the queue from which an integration reads. Raise ValueError where it cannot be a name."""
    queue = inbox_of(user_of(name))
    if queue is None:
        raise ValueError(f"{name} is no name of an integration")
    return queue

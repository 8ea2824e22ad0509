"""The systems that connect to this one, from `deploy/integrations.yaml`."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, field_validator

from shared.contracts.catalogue import CATALOGUE, EVENTS, PRODUCT_RATED
from shared.messaging.topology import inbox_of
from shared.yaml12 import load_yaml

FILE = Path(__file__).parents[2] / "deploy" / "integrations.yaml"

#: The name is part of a user's and a queue's name. A dot in it would let one integration read another's queue.
IntegrationName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_ANNOUNCED = {event_type.name: event_type for event_type in CATALOGUE if event_type.exchange == EVENTS}


class Integration(BaseModel):
    """What one system may hear of, and whether it may use the broker's management interface."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    listens_to: tuple[str, ...] = Field(min_length=1)
    #: Whether it may try things out over HTTP. It then sees names and depths of all queues, and no more messages.
    management_api: bool = False

    @field_validator("listens_to")
    @classmethod
    def _are_announced(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        unknown = [name for name in names if name not in _ANNOUNCED]
        if unknown:
            raise ValueError(f"no service announces {', '.join(unknown)}; known: {', '.join(_ANNOUNCED)}")
        return names

    @property
    def routing_keys(self) -> tuple[str, ...]:
        """The routing keys on `ocop.events` of what it listens to."""
        return tuple(_ANNOUNCED[name].routing_key for name in self.listens_to)

    @property
    def may_ask(self) -> bool:
        """Return whether it may ask how a product stands: an answer says of ratings what product.rated does."""
        return PRODUCT_RATED.name in self.listens_to


_FILE: TypeAdapter[dict[IntegrationName, Integration]] = TypeAdapter(dict[IntegrationName, Integration])


def load_integrations(file: Path = FILE) -> dict[str, Integration]:
    """Return name → integration. Raise pydantic's ValidationError, which names what is wrong where."""
    return _FILE.validate_python(load_yaml(file.read_text("utf-8")) or {})


def user_of(name: str) -> str:
    """Return the name of an integration's user on the broker."""
    return f"integration.{name}"


def queue_of(name: str) -> str:
    """Return the name of the queue from which an integration reads. Raise ValueError where it cannot be a name."""
    queue = inbox_of(user_of(name))
    if queue is None:
        raise ValueError(f"{name} is no name of an integration")
    return queue

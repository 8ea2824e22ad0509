"""Decide: what of a delivery is put into the parameters of a Zalo template."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import BaseModel

from services.notifications.delivery import Delivery
from shared.legal_date import legal_date

#: Zalo takes no empty value.
NOTHING = "-"
#: Field → where an event has it: the first place that is there counts.
_OF_EVENT: Mapping[str, tuple[str, ...]] = {
    "product_name": ("product_name",),
    "product_code": ("product_code",),
    "stars": ("stars", "certificate.stars"),
    "total": ("total", "average.shown"),
    "certificate_number": ("certificate.number",),
    "last_day": ("certificate.last_day",),
    "last_day_to_file": ("last_day_to_file",),
    "due_on": ("due_on",),
}
#: What every delivery has.
_OF_DELIVERY = ("recipient_name", "day", "subject", "short", "count")
FIELDS = (*_OF_DELIVERY, *_OF_EVENT)


def fields_of(model: type[BaseModel] | None) -> tuple[str, ...]:
    """Return the fields of a kind of event, by the model of its data; None stands for a digest of several."""
    if model is None:
        return _OF_DELIVERY
    found = (name for name, places in _OF_EVENT.items() if any(_is_in(model, place) for place in places))
    return (*_OF_DELIVERY, *found)


def value(name: str, delivery: Delivery, most: int | None = None) -> str:
    """Return a field of a delivery as text, days as dd/mm/yyyy, in at most so many letters; `-` where it has none."""
    text = unicodedata.normalize("NFC", " ".join(_text(_found(name, delivery)).split())) or NOTHING
    return text if most is None or len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _found(name: str, delivery: Delivery) -> Any:
    match name:
        case "recipient_name":
            return delivery.first.recipient_name
        case "day":
            return legal_date(delivery.time)
        case "subject":
            return delivery.subject
        case "short":
            return delivery.short
        case "count":
            return len(delivery.alerts)
        case _:
            return _of_event(name, delivery)


def _of_event(name: str, delivery: Delivery) -> Any:
    values = (_at(delivery.first.event_data, place) for place in _OF_EVENT[name])
    found = next((each for each in values if each is not None), None)
    if name == "total" and isinstance(found, str) and delivery.language == "vi":  # a council's average
        return found.replace(".", ",")
    return found


def _text(found: Any) -> str:
    if isinstance(found, date):
        return f"{found:%d/%m/%Y}"
    return "" if found is None else str(found)


def _at(event_data: object, place: str) -> Any:
    found: Any = event_data
    for step in place.split("."):
        found = getattr(found, step, None)
    return found


def _is_in(model: type[BaseModel], place: str) -> bool:
    first, _, rest = place.partition(".")
    if first not in model.model_fields:
        return False
    inner = model.model_fields[first].annotation
    return not rest or (isinstance(inner, type) and issubclass(inner, BaseModel) and _is_in(inner, rest))

"""Reads alerts as they stand, from the documents of now of notifications."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ops.alerts.asking import Wanted
from ops.database_reader import Reader
from ops.find.asking import Asked
from ops.find.reading import read_page
from ops.history.records import understood
from ops.language import gettext as _
from ops.named import one_line
from ops.operator_settings import AccessError
from services.notifications.alert_state import AlertState
from services.registry.search_keys import wanted
from shared.errors import OutageError, TooManyError
from shared.storage import StoredDocument
from shared.system import SYSTEM

SERVICE = "notifications"
#: products that a producer's name may stand for
_MOST_PRODUCTS = 200


@dataclass(frozen=True)
class ListedAlert:
    """An alert as it stands, and when that was recorded."""

    id: str
    recorded_at: datetime
    state: AlertState

    def as_json(self, called: Callable[[str], str] = str) -> dict[str, Any]:
        """Return it as JSON values, each of them a text, a number or a time; what came from outside is masked.

        `called`: says what a reason is called among what was tried.
        """
        state, waiting = self.state, self.state.waiting
        return {
            "recorded_at": self.recorded_at,
            "alert_id": one_line(self.id),
            "kind": one_line(state.kind) or None,
            "audience": state.audience,
            "to": one_line(state.to) or None,
            "channel": state.channel,
            "outcome": state.outcome,
            "tried": "; ".join(
                f"{each.channel}: {called(each.reason)} {one_line(each.detail)}" for each in state.tried
            ),
            "next_try_at": waiting.next_try_at if waiting else None,
            "why": one_line(waiting.why) if waiting else None,
            "product_code": one_line(state.product_code) or None,
            "about": one_line(state.about) or None,
        }


async def read_alerts(reader: Reader, asked: Wanted, now: datetime) -> tuple[list[ListedAlert], bool]:
    """Return the alerts that are wanted, the newest first, and whether there are more. Raise AccessError."""
    found: list[StoredDocument] = []
    for query in asked.queries(now):
        found += await _found(reader, query, limit=asked.limit + 1 - len(found))
        if len(found) > asked.limit:
            break
    return [_listed(each) for each in found[: asked.limit]], len(found) > asked.limit


async def codes_of_producer(reader: Reader, name: str) -> Sequence[str]:
    """Return the codes of the products that `ocop find` finds by what is known of a producer. Raise AccessError."""
    page = await read_page(reader, Asked(wanted(name), limit=_MOST_PRODUCTS))
    if not page.is_last:
        said = _("more than {number} products are found by {name}: say more of the producer, or --product")
        raise AccessError(said.format(number=_MOST_PRODUCTS, name=one_line(name)))
    return [product.code for product in page.products]


async def _found(reader: Reader, query: Any, *, limit: int) -> list[StoredDocument]:
    collection = SYSTEM.collections[SERVICE]
    try:
        return await reader.find_now(SERVICE, collection, query, order="-recorded_at", limit=limit)
    except (TooManyError, OutageError) as error:
        raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None


def _listed(document: StoredDocument) -> ListedAlert:
    with understood(document):
        return ListedAlert(str(document["_id"]), document["recorded_at"], AlertState.model_validate(document["state"]))

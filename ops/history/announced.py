"""An event as the service that announced it has it on record."""

from ops.database_reader import Reader
from ops.history.records import understood
from ops.language import gettext as _
from ops.operator_settings import AccessError
from shared.contracts.event import Event
from shared.contracts.writing import event_in
from shared.errors import OutageError, TooManyError
from shared.system import SYSTEM


async def announced_event(reader: Reader, id: str, product_code: str | None = None) -> Event | None:
    """Return an event, None where no service has announced it. Without the product's code it takes its time.

    Raises:
        AccessError: the database is away, or has too many records to go through without an index.
    """
    for service, collection in SYSTEM.collections.items():
        query = {"announced.id": id}
        if product_code:  # the registry's records of a product are found by its history
            query = {"history.of" if service == "registry" else "product_code": product_code, **query}
        try:
            found = await reader.find(service, collection, query, order="recorded_at", limit=1)
        except (TooManyError, OutageError) as error:
            raise AccessError(_("{error}; `ocop doctor` says more").format(error=error)) from None
        for document in found:
            with understood(document):
                return next(event_in(each) for each in document["announced"] if each["id"] == id)
    return None

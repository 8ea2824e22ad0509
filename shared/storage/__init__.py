"""MongoDB: one client, one collection a service. The only package of the services that knows the driver."""

from shared.storage.collection import MAX_BATCH, Collection, Index, StoredDocument, as_outage, in_order_of
from shared.storage.database import Database, database_of, now_database_of, open_client, tls_options

__all__ = [
    "MAX_BATCH",
    "Collection",
    "Database",
    "Index",
    "StoredDocument",
    "as_outage",
    "database_of",
    "in_order_of",
    "now_database_of",
    "open_client",
    "tls_options",
]

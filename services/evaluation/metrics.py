"""What evaluation counts, beside what every service does (docs/observability.md)."""

from prometheus_client import Counter

from shared.contracts.catalogue import PRODUCT_RATED
from shared.contracts.event import Event

PRODUCTS_RATED = Counter("ocop_products_rated", "Ratings put on record, by stars", ["stars"])
for _stars in ("none", 1, 2, 3, 4, 5):  # from 0: Prometheus sees no increase in what was not there before
    PRODUCTS_RATED.labels(_stars)


def count(event: Event) -> None:
    """Count a rating that was put on record for the first time."""
    if event.type == PRODUCT_RATED.type:
        stars = event.data["stars"]
        PRODUCTS_RATED.labels("none" if stars is None else str(stars)).inc()

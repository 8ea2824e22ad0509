"""Where a peer works, as the harness sets it in the environment."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pymongo import WriteConcern

#: URL of the peer's own virtual host on the broker.
AMQP_URL = os.environ.get("BENCHMARK_AMQP_URL", "amqp://127.0.0.1/")
MONGO_URL = os.environ.get("BENCHMARK_MONGO_URL", "mongodb://127.0.0.1/")
#: The peer's own database, with the collections `products`, `ratings` and `alerts`.
DATABASE = os.environ.get("BENCHMARK_DATABASE", "benchmark")

#: What the services' own writes wait for.
DURABLE = WriteConcern(w="majority", j=True)


def filed_in(file: Path) -> Iterator[dict[str, Any]]:
    """Return the dossiers of a file, one JSON object a line with `id` and `data`."""
    with file.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)

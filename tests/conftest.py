"""What the tests share: one real broker, database and mail server for the whole run, started when a test first asks."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from ops.definitions import as_text
from ops.stack import LocalStack
from shared.messaging import topology
from tests.integration.probe import PROBE

#: milliseconds that a retry waits in tests, instead of seconds to a day
DELAY_MILLISECONDS = 50


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalStack]:
    folder = tmp_path_factory.mktemp("stack")
    definitions = folder / "definitions.json"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(topology, "SUBSCRIPTIONS", (*topology.SUBSCRIPTIONS, PROBE))
        content = topology.definitions(delay_milliseconds=DELAY_MILLISECONDS)
    definitions.write_text(as_text(_with_a_bare_vhost(content)), "utf-8")
    async with LocalStack(folder, definitions=definitions) as running:
        yield running


def _with_a_bare_vhost(content: dict[str, Any]) -> dict[str, Any]:
    """A broker that nobody has set up, beside the one that is."""
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return content | {
        "vhosts": [{"name": "/"}, {"name": "bare"}],
        "permissions": [{"user": "ocop", "vhost": vhost, **everything} for vhost in ("/", "bare")],
    }

"""What the tests share: one real broker, database and mail server for the whole run, started when a test first asks.

What only that needs is imported only then: the unit tests start sooner by half a second in each of their processes.
"""

import logging
import os
import sys
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from tests.integration.authority import Authority
    from tools.stack import LocalStack

# What a command says is compared in English, whatever the language of who runs the tests.
os.environ["OCOP_LANG"] = "en"

# A busy machine, or one that has not yet made Hypothesis' table of characters, is no fault of ours.
# The examples are the same in every run: what fails does so where it was brought in. `make fuzz` draws new ones.
settings.register_profile("ocop", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
#: for `make fuzz`
settings.register_profile("deep", settings.get_profile("ocop"), max_examples=5000, derandomize=False, print_blob=True)
#: for `make test-unit`; `make test` draws as many examples as it takes to find what is rare
settings.register_profile("quick", settings.get_profile("ocop"), max_examples=10)
settings.load_profile("ocop")

# Services that run in this process for all tests log at any time: not into what another test reads of standard output.
structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.__stderr__))

#: milliseconds that a retry waits in tests, instead of seconds to a day
DELAY_MILLISECONDS = 50


@pytest.fixture
def logging_as_it_was() -> Iterator[None]:
    """Undo what a test sets of logging: else the services that run in this process would log there until the end."""
    root = logging.getLogger()
    handlers, level, usual = root.handlers, root.level, structlog.get_config()
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.configure(**usual)
    structlog.contextvars.clear_contextvars()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> "Authority":
    """A private certificate authority, which has certified `localhost`."""
    from tests.integration.authority import Authority

    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory, authority: "Authority") -> AsyncIterator["LocalStack"]:
    """The broker takes TLS connections too, on the authority's port."""
    from ops.access.broker import definitions
    from shared.integrations import load_integrations
    from tests.integration.probe import SYSTEM_WITH_PROBE
    from tools.stack import LocalStack

    content = definitions(load_integrations(), system=SYSTEM_WITH_PROBE, delay_milliseconds=DELAY_MILLISECONDS)
    async with LocalStack(
        tmp_path_factory.mktemp("stack"),
        definitions=_with_a_bare_vhost(content),
        rabbitmq_conf=authority.rabbitmq_conf,
        fresh=True,
    ) as running:
        yield running


def _with_a_bare_vhost(content: dict[str, Any]) -> dict[str, Any]:
    """Return a broker that nobody has set up, beside the one that is."""
    return content | {"vhosts": [*content["vhosts"], {"name": "bare"}]}

"""Several instances share the work, and each is replaced by a new one while dossiers come in."""

import json
import sys
from pathlib import Path

import pytest

from tests.faults.faults import Renewal
from tests.faults.report import report
from tests.faults.run import Plan, Result, run
from tests.faults.schedule import Leg

INSTANCES = {"registry": 2, "evaluation": 4, "notifications": 2}
#: seconds that the messages of a leg take
LEG_SECONDS = 1.5
#: Who is replaced together; one leg for each round, one before and one after them.
ROUNDS = [
    ["registry-1", "evaluation-1", "evaluation-2"],
    ["registry-2", "evaluation-3", "notifications-1"],
    ["evaluation-4", "notifications-2"],
]


def legs() -> list[Leg]:
    renewals = [Leg(LEG_SECONDS, tuple((0.2, Renewal(name)) for name in each)) for each in ROUNDS]
    quiet = Leg(LEG_SECONDS, ())
    return [quiet, *renewals, quiet]


pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("upgrade")


@pytest.fixture(scope="module")
async def upgraded(folder: Path) -> Result:
    plan = Plan(seed=2026, messages=750, faults=sum(map(len, ROUNDS)))
    result = await run(plan, folder, say, legs=legs(), instances=INSTANCES)
    say(report(result))
    return result


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def shares(folder: Path) -> dict[str, int]:
    """Return how many messages each process has answered, by its log."""
    names = [f"{service}-{number}" for service, count in INSTANCES.items() for number in range(1, count + 1)]
    logs = [folder / "logs" / f"{name}.{start:03}.log" for name in names for start in (1, 2)]
    return {log.stem: sum(json.loads(line).get("action") == "answer" for line in lines_of(log)) for log in logs}


def lines_of(log: Path) -> list[str]:
    return [line for line in log.read_text("utf-8").splitlines() if line.startswith("{")]


def test_nothing_is_lost_and_nothing_is_done_twice(upgraded: Result) -> None:
    assert upgraded.violations == []


@pytest.mark.usefixtures("upgraded")
def test_every_instance_old_and_new_takes_its_share(folder: Path) -> None:
    """Of the registries one works at a time, an old one and then a new one."""
    found = shares(folder)
    say(str(found))
    registries = {name: share for name, share in found.items() if name.startswith("registry")}

    assert [name for name, share in found.items() if share == 0 and name not in registries] == []
    for start in ("001", "002"):
        assert any(share for name, share in registries.items() if name.endswith(start))

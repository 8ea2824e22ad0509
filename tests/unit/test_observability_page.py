"""docs/observability.md explains everything that the code can log, count and alert on."""

import re
from pathlib import Path
from typing import get_args

import yaml
from prometheus_client import REGISTRY

from shared import metrics
from shared.handling.delivery_telemetry import Ending

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text("utf-8")
CODE = "\n".join(file.read_text("utf-8") for part in ("shared", "services") for file in (ROOT / part).rglob("*.py"))


def table(first_column: str) -> list[str]:
    """The first column of the table with this heading."""
    found = re.search(rf"^\| {first_column} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found, first_column
    return re.findall(r"`([^`]+)`", "\n".join(line.split(" | ")[0] for line in found[1].splitlines()))


def test_every_action_that_the_code_logs_is_explained_and_no_other() -> None:
    assert sorted(table("action")) == sorted(set(re.findall(r'action="([a-z-]+)"', CODE)))


def test_every_line_of_ours_has_an_action() -> None:
    calls = re.findall(r"\blog\.(?:debug|info|warning|error|critical|exception)\((.*?)\)\n", CODE, re.DOTALL)

    assert calls
    assert [call for call in calls if "action=" not in call] == []


def test_every_outcome_is_explained_and_no_other() -> None:
    assert sorted(table("outcome")) == sorted(get_args(Ending))


def test_every_metric_is_explained_with_its_labels_and_no_other() -> None:
    explained = dict(re.findall(r"^\| `(ocop_\w+)` \| ((?:`\w+`(?:, )?)*)", PAGE, re.MULTILINE))
    collectors = [metric for metric in vars(metrics).values() if hasattr(metric, "_labelnames")]
    counted = {
        metric._name + ("_total" if metric._type == "counter" else ""): ", ".join(f"`{n}`" for n in metric._labelnames)
        for metric in collectors
    }

    assert {name: labels.strip() for name, labels in explained.items()} == counted
    assert {family.name for family in REGISTRY.collect()} >= {metric._name for metric in collectors}


def test_every_alert_is_explained_and_no_other() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8"))

    assert sorted(table("alert")) == sorted(rule["alert"] for group in rules["groups"] for rule in group["rules"])

"""docs/observability.md explains everything that the code can log, count and alert on."""

import re
from pathlib import Path
from typing import get_args

import yaml
from prometheus_client import REGISTRY

from services.evaluation import metrics as evaluation
from services.notifications import metrics as notifications
from shared import metrics
from shared.handling.delivery_telemetry import OutcomeLabel
from shared.logs import Action

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observability.md").read_text("utf-8")


def table(first_column: str) -> list[str]:
    """Return the first column of the table with this heading."""
    found = re.search(rf"^\| {first_column} \|.*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert found, first_column
    return re.findall(r"`([^`]+)`", "\n".join(line.split(" | ")[0] for line in found[1].splitlines()))


def test_every_action_is_explained_with_its_level_and_no_other() -> None:
    explained = dict(re.findall(r"^\| `([a-z-]+)` \| (info|warning|error|critical) \|", PAGE, re.MULTILINE))

    assert explained == {action.action: action.level for action in Action}


def test_every_outcome_is_explained_and_no_other() -> None:
    assert sorted(table("outcome")) == sorted(get_args(OutcomeLabel))


def test_every_metric_is_explained_with_its_labels_and_no_other() -> None:
    explained = dict(re.findall(r"^\| `(ocop_\w+)` \| ((?:`\w+`(?:, )?)*)", PAGE, re.MULTILINE))
    everywhere = (vars(module).values() for module in (metrics, evaluation, notifications))
    collectors = [metric for found in everywhere for metric in found if hasattr(metric, "_labelnames")]
    counted = {
        metric._name + ("_total" if metric._type == "counter" else ""): ", ".join(f"`{n}`" for n in metric._labelnames)
        for metric in collectors
    }

    assert {name: labels.strip() for name, labels in explained.items()} == counted
    assert {family.name for family in REGISTRY.collect()} >= {metric._name for metric in collectors}


def test_every_alert_is_explained_and_no_other() -> None:
    rules = yaml.safe_load((ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8"))

    assert sorted(table("alert")) == sorted(rule["alert"] for group in rules["groups"] for rule in group["rules"])

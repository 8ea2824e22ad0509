"""Alert rules, scrape settings and dashboard: whole, consistent with one another, and tried by Prometheus' own tool."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PROMETHEUS = ROOT / "deploy" / "prometheus"
RULES: list[dict[str, Any]] = [
    rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
BOARD: dict[str, Any] = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "ocop.json").read_text("utf-8"))


def test_every_alert_is_seen_to_fire() -> None:
    tried = (PROMETHEUS / "rules.test.yml").read_text("utf-8")

    assert [rule["alert"] for rule in RULES if not re.search(rf'alertname(: |="){rule["alert"]}\b', tried)] == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_an_alert_says_what_to_do_and_where_to_read_on(rule: dict[str, Any]) -> None:
    annotations = rule["annotations"]
    headings = re.findall(r"^#+ (\w+)$", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)

    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert len(annotations["summary"]) < len(annotations["description"])
    assert annotations["runbook_url"] == f"docs/operations.md#{rule['alert'].lower()}"
    assert rule["alert"] in headings


def test_every_service_and_the_broker_are_asked() -> None:
    settings = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text("utf-8"))

    asked = {job["job_name"] for job in settings["scrape_configs"]}
    assert asked == {"registry", "evaluation", "notifications", "rabbitmq", "rabbitmq-queues", "prometheus"}


def test_every_panel_of_the_dashboard_asks_the_data_source_that_is_provisioned() -> None:
    source = yaml.safe_load((ROOT / "deploy/grafana/provisioning/datasources/prometheus.yml").read_text("utf-8"))

    asked = {target["datasource"]["uid"] for panel in BOARD["panels"] for target in panel["targets"]}
    assert asked == {each["uid"] for each in source["datasources"]}


def test_no_two_panels_of_the_dashboard_lie_upon_one_another() -> None:
    taken = [
        (column, row)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for column in range(place["x"], place["x"] + place["w"])
        for row in range(place["y"], place["y"] + place["h"])
    ]

    assert len(taken) == len(set(taken))
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])

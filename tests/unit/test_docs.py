"""The pages of docs/ say what the code says."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from services.registry.intake import examine
from shared.contracts.alert import ChannelName, Reason
from shared.contracts.catalogue import CATALOGUE, EVENTS, TRIAL_RESULT, EventType
from shared.contracts.dossier import DocumentType, Language, ProducerKind, RegistrationKind
from shared.contracts.envelope import MAX_ID_BYTES, MAX_MESSAGE_BYTES
from shared.contracts.fault_codes import (
    MENDERS,
    AssessmentFault,
    DossierFault,
    FilingFault,
    Mender,
    QueryFault,
    Unreadable,
)
from shared.contracts.rating import Stop

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
CONTRACT = "\n".join((ROOT / "docs" / name).read_text("utf-8") for name in ("contract.md", "contract-life.md"))


def section(heading: str) -> str:
    """Return the text below a heading, down to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", CONTRACT, re.DOTALL | re.MULTILINE)
    assert found, heading
    return found[1]


def codes_listed(heading: str) -> list[str]:
    return re.findall(r"^\| `([a-z-]+)` \|", section(heading), re.MULTILINE)


def names_of_fields(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models_in(field.annotation):
            yield from names_of_fields(inner)


def models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from models_in(argument)


def test_the_minimal_dossier_is_accepted() -> None:
    [example] = re.findall(r"```json\n(.*?)```", CONTRACT, re.DOTALL)
    examination = examine(json.loads(example))
    assert examination.faults == ()
    assert examination.dossier is not None


@pytest.mark.parametrize(
    ("heading", "codes"),
    [
        ("Faults of dossier.rejected", DossierFault),
        ("Faults of assessment.rejected", AssessmentFault),
        ("Faults of filing.rejected", FilingFault),
        (
            "Faults of query.rejected",
            [code for code in QueryFault if not code.startswith("unreadable-")],
        ),
    ],
)
def test_every_fault_is_listed_and_no_other(heading: str, codes: Iterable[StrEnum]) -> None:
    assert codes_listed(heading) == [code.value for code in codes]


def test_the_faults_that_a_producer_is_not_told_of_are_listed() -> None:
    told = re.split(r"^#+ ", CONTRACT, flags=re.MULTILINE)
    (part,) = (each for each in told if each.startswith("Who is told of a rejected dossier"))
    known = {code for code in DossierFault if not code.startswith("unreadable-")}
    never_filed = {DossierFault.PRODUCER_NUMBER_UNCHANGED}  # of producer.succeeded

    listed = set(re.findall("`([a-z-]+)`", part)) & known
    assert listed == {code for code in known if MENDERS[code] is not Mender.PRODUCER} - never_filed


@pytest.mark.parametrize("codes", [DossierFault, QueryFault])
def test_whatever_cannot_be_read_is_a_fault_of_what_was_sent(codes: type[StrEnum]) -> None:
    assert {code for code in codes if code.startswith("unreadable-")} == {f"unreadable-{code}" for code in Unreadable}


@pytest.mark.parametrize("event_type", CATALOGUE, ids=lambda event_type: event_type.name)
def test_every_event_stands_with_its_exchange_routing_key_and_type(event_type: EventType[Any]) -> None:
    exchange = f"`{event_type.exchange}`"
    placed = f"`{event_type.routing_key}.<province>.<commune>`"
    own = placed if event_type.exchange == EVENTS else f"`{event_type.routing_key}`"
    to_asker = "`to.<your user>`" if event_type == TRIAL_RESULT else "your queue's name"
    key = to_asker if event_type.is_answer else own
    assert f"| {event_type.name} | {exchange} | {key} | `{event_type.type}` |" in CONTRACT
    assert f"| {exchange} | {event_type.name} | {key} |" in ARCHITECTURE


@pytest.mark.parametrize("event_type", CATALOGUE, ids=lambda event_type: event_type.name)
def test_every_field_of_an_event_stands_on_the_page(event_type: EventType[Any]) -> None:
    written = {name.split(".")[-1].removesuffix("[]") for name in re.findall(r"`([a-z0-9_.\[\]]+)`", CONTRACT)}
    assert set(names_of_fields(event_type.model)) <= written


@pytest.mark.parametrize("values", [RegistrationKind, ProducerKind, DocumentType], ids=lambda values: values.__name__)
def test_every_value_of_an_enumeration_stands_on_the_page(values: type[StrEnum]) -> None:
    assert [value for value in values if f"`{value}`" not in section("dossier.filed")] == []


def test_every_value_of_a_literal_stands_on_the_page() -> None:
    literals = (Language, ChannelName, Reason, Stop.model_fields["kind"].annotation)
    values = [value for literal in literals for value in get_args(literal)]
    assert [value for value in values if f"`{value}`" not in CONTRACT] == []


def test_the_limits_are_those_of_the_code() -> None:
    assert f"({MAX_MESSAGE_BYTES:,} bytes)" in section("Limits")
    assert f"{MAX_ID_BYTES} bytes" in section("Limits")


def test_the_table_of_dependencies_names_those_of_the_project_and_no_other() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = {"services": project["dependencies"], **project["optional-dependencies"]}
    declared = {(re.sub(r"[=<>].*", "", name), group) for group, names in groups.items() for name in names}
    page = (ROOT / "docs" / "decisions" / "0003-dependencies.md").read_text("utf-8")
    assert set(re.findall(r"^\| (\S+) \| (services|local|bench|dev) \|", page, re.MULTILINE)) == declared


PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]


def headings(page: Path) -> set[str]:
    """Return the anchors of a page, as they are made of its headings: small letters, hyphens, no punctuation."""
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    found = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", sorted(set(PAGES)), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", page.read_text("utf-8"))
    targets = {(page.parent / link if link else page, anchor) for link, anchor in links}
    assert [file for file, _ in targets if not file.exists()] == []
    assert [(file, to) for file, to in targets if to and file.suffix == ".md" and to not in headings(file)] == []


def test_every_page_is_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text("utf-8")
    pages = [str(page.relative_to(ROOT / "docs")) for page in sorted(ROOT.glob("docs/**/*.md"))]
    assert [page for page in pages if page != "README.md" and f"({page})" not in index] == []


def test_every_alert_has_its_part_of_the_runbook() -> None:
    rules = (ROOT / "deploy" / "prometheus" / "rules.yml").read_text("utf-8")
    alerts = re.findall(r"alert: (\w+)", rules)
    assert alerts
    assert {alert.lower() for alert in alerts} <= headings(ROOT / "docs" / "operations.md")

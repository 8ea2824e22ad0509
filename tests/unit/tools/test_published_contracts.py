"""What is published in docs/ of the events: it is that of the code, it holds for ever, and it is true."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.alert import AlertFailed
from shared.contracts.catalogue import BY_TYPE, CATALOGUE, EVENTS, PRODUCT_RATED, TRIAL_RESULT, EventType
from shared.messaging.routing import routing_key
from shared.system import SYSTEM
from tools.contracts.asyncapi import OCOP
from tools.contracts.messages import Message
from tools.contracts.published import DOCS, due, publish
from tools.contracts.record import ContractBrokenError, PublishedRecord
from tools.contracts.scenarios import examples
from tools.contracts.schemas import field_comments, schema_of

RECORD = PublishedRecord(DOCS)
PUBLISHED = dict(RECORD.messages())


def document(application: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((DOCS / "asyncapi" / f"{application}.json").read_text("utf-8"))
    return content


def event_named(name: str) -> str:
    """Return the event of an example: the folder in which it lies."""
    return Path(name).parent.name


def address(event_type: EventType[Any]) -> str:
    """Return the routing key of an event: its own, with its place, or that of who asked."""
    if event_type.is_answer:
        return "to.integration.{name}" if event_type == TRIAL_RESULT else "integration.{name}.events"
    placed = f"{event_type.routing_key}.{{province}}.{{commune}}"
    return placed if event_type.exchange == EVENTS else event_type.routing_key


def page(application: str) -> str:
    return (DOCS / "asyncapi" / f"{application}.html").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The record of docs/, to be changed at will."""
    for name in ("schemas", "examples"):
        shutil.copytree(DOCS / name, tmp_path / name)
    return tmp_path


def change(file: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(file.read_text("utf-8"))
    edit(content)
    file.write_text(json.dumps(content), "utf-8")


def test_no_schema_breaks_those_who_know_an_earlier_one_and_no_example_was_altered() -> None:
    RECORD.check()


def test_the_published_files_are_those_of_the_code() -> None:
    assert [str(file) for file in due()] == [], "run: ./ocop contracts publish"


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_example_ever_published_is_read_by_today_s_models(name: str) -> None:
    message = PUBLISHED[name]
    assert isinstance(message.data(), BY_TYPE[message.event().type].model)
    kind = BY_TYPE[message.event().type]
    assert kind.routing_key == event_named(name)
    assert message.routing_key == routing_key(message.event())


def test_every_example_is_recorded_and_every_event_has_one() -> None:
    files = {file.relative_to(DOCS / "examples").as_posix() for file in DOCS.glob("examples/*/*.json")}
    assert files == set(PUBLISHED)
    assert {event_named(name) for name in files} == {event_type.routing_key for event_type in CATALOGUE}


@pytest.mark.parametrize("name", PUBLISHED)
def test_an_example_names_no_address_outside_the_examples_domain(name: str) -> None:
    text = json.dumps(PUBLISHED[name].body)
    assert all(address.endswith("@example.vn") for address in re.findall(r"[\w.]+@[\w.]+\w", text))


def test_every_published_version_is_still_in_the_catalogue() -> None:
    """Messages of every version lie in the journal and on queues, and have to be read."""
    shapes = {re.sub(r"\.\d+\.json$", "", file.name) for file in DOCS.glob("schemas/published/*.json")}
    assert shapes == {event_type.routing_key for event_type in CATALOGUE}


def test_a_change_that_breaks_a_schema_is_refused_and_the_answer_is_a_new_version(folder: Path) -> None:
    change(PublishedRecord(folder).shape_file(PRODUCT_RATED, 1), lambda shape: shape["properties"].update(jury={}))

    with pytest.raises(ContractBrokenError, match=r"product\.rated\.v1: jury: removed\n.*\.v2"):
        publish(folder)


def test_a_schema_that_grows_becomes_a_new_revision_with_examples_of_its_own(folder: Path) -> None:
    record = PublishedRecord(folder)
    newest = record.revision(PRODUCT_RATED)
    change(record.shape_file(PRODUCT_RATED, newest), lambda shape: shape["properties"].pop("advice"))
    before = {file: file.read_bytes() for file in folder.glob("examples/**/*.json")}

    written = {file.relative_to(folder).as_posix() for file in publish(folder)}

    assert f"schemas/published/product.rated.v1.{newest + 1}.json" in written
    assert f"examples/product.rated.v1/five-stars.{newest + 1}.json" in written
    assert {file: file.read_bytes() for file in before} == before
    assert record.revision(PRODUCT_RATED) == len(record.revisions(PRODUCT_RATED)) == newest + 1
    assert due(folder) == {}


@pytest.mark.parametrize("alter", [Path.unlink, lambda file: file.write_text("{}", "utf-8")], ids=["gone", "rewritten"])
def test_a_published_example_that_is_altered_is_noticed(folder: Path, alter: Callable[[Path], object]) -> None:
    example = PublishedRecord(folder).example_file(PRODUCT_RATED, "five-stars")
    alter(example)

    with pytest.raises(ContractBrokenError, match=rf"bring back: product\.rated\.v1/{re.escape(example.name)}"):
        publish(folder)


def test_nothing_is_published_twice(folder: Path) -> None:
    publish(folder)
    assert publish(folder) == ()


@pytest.mark.parametrize("event_type", CATALOGUE, ids=lambda event_type: event_type.name)
def test_a_schema_names_its_dialect_its_version_and_an_example(event_type: EventType[Any]) -> None:
    schema = json.loads((DOCS / "schemas" / f"{event_type.routing_key}.json").read_text("utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:ocop:schema:{event_type.routing_key}"
    assert schema["title"] == event_type.routing_key
    assert schema["description"]
    assert event_type.model.model_validate(schema["examples"][0])


def test_comments_above_fields_become_descriptions_those_of_base_classes_too() -> None:
    assert field_comments(AlertFailed)["about"] == "id of the event that the alert is about"
    assert schema_of(PRODUCT_RATED)["properties"]["total"]["description"].startswith("0 to 100, exact")


@pytest.mark.parametrize("service", SYSTEM.names)
def test_the_document_of_a_service_has_its_queues_and_what_it_announces(service: str) -> None:
    content = document(service)
    actions = {
        (operation["action"], content["channels"][operation["channel"]["$ref"].removeprefix("#/channels/")]["address"])
        for operation in content["operations"].values()
    }
    read = (each for each in SYSTEM[service].subscriptions if not each.event_type.is_task)
    sent = (each for each in SYSTEM[service].announces if not each.is_task)
    assert actions == {("receive", each.queue) for each in read} | {("send", address(each)) for each in sent}


def test_the_document_of_the_whole_has_every_event_with_its_exchange() -> None:
    channels = document(OCOP)["channels"]
    exchanges = {
        (channel["address"], channel["bindings"]["amqp"]["exchange"]["name"])
        for channel in channels.values()
        if channel["bindings"]["amqp"]["is"] == "routingKey"
    }
    assert exchanges == {(address(event_type), event_type.exchange) for event_type in CATALOGUE}


@pytest.mark.parametrize(
    ("question", "answers"),
    [
        ("product.query.v1", ["product.state.v1", "query.rejected.v1"]),
        ("dossier.tried.v1", ["trial.result.v1"]),
    ],
)
def test_a_question_is_answered_on_the_queue_of_who_asked(question: str, answers: list[str]) -> None:
    reply = document(OCOP)["operations"][f"receive.{question}"]["reply"]

    assert reply["channel"]["$ref"] == "#/channels/integration.events"
    assert [each["$ref"].rpartition("/")[2] for each in reply["messages"]] == answers


def test_what_services_ask_each_other_is_on_no_queue_of_an_integration() -> None:
    messages = document(OCOP)["channels"]["integration.events"]["messages"]

    assert "dossier.examined.v1" not in messages
    assert "trial.result.v1" in messages


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_headers_of_an_example_are_those_of_the_documents(name: str) -> None:
    message: Message = PUBLISHED[name]
    mode = "" if message.headers else ".structured"
    described = document(OCOP)["components"]["messages"][event_named(name) + mode]
    attributes = described["headers"] if message.headers else described["payload"]
    given = message.headers or message.body
    assert set(attributes["required"]) <= set(given) <= set(attributes["properties"])


@pytest.mark.parametrize("application", [OCOP, *SYSTEM.names])
def test_a_page_loads_nothing_and_runs_nothing(application: str) -> None:
    html = page(application)
    assert re.findall(r"<(script|iframe|img|object|embed|base)\b|@import|url\(", html) == []
    assert re.findall(r'(?:href|src)="(?!#|data:)', html) == []


@pytest.mark.parametrize("application", [OCOP, *SYSTEM.names])
def test_every_link_on_a_page_leads_to_something_on_it(application: str) -> None:
    html = page(application)
    named = re.findall(r'id="([^"]+)"', html)
    assert len(named) == len(set(named))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(named)


@pytest.mark.parametrize("application", [OCOP, *SYSTEM.names])
def test_a_page_names_every_field_of_its_document(application: str) -> None:
    schemas = document(application)["components"]["schemas"].values()
    fields = {name for schema in schemas for name in schema.get("properties", {})}
    assert [name for name in fields if f"<code>{name}</code>" not in page(application)] == []


def test_an_event_without_an_example_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {**examples(), PRODUCT_RATED.routing_key: {}}
    monkeypatch.setattr("tools.contracts.published.examples", lambda: known)

    with pytest.raises(ContractBrokenError, match=r"no example of product\.rated\.v1"):
        publish(folder)

"""What lies in docs/ for those who connect: schemas, examples, AsyncAPI documents and their pages.

Schemas, documents and pages are made anew whenever the code changes; the record is only added to.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import CATALOGUE
from shared.system import SYSTEM
from tools.contracts.asyncapi import OCOP, Examples, document
from tools.contracts.messages import Message
from tools.contracts.page import page
from tools.contracts.record import PublishedRecord, digest_of
from tools.contracts.scenarios import examples
from tools.contracts.schemas import schema_of, shape_of

_ROOT = Path(__file__).parents[2]
DOCS = _ROOT / "docs"

Texts = dict[Path, str]


def publish(folder: Path = DOCS) -> tuple[Path, ...]:
    """Write what is due and return its paths. Raise ContractBrokenError, with nothing written."""
    PublishedRecord(folder).check()
    texts = due(folder)
    for file, text in texts.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return tuple(texts)


def due(folder: Path = DOCS) -> Texts:
    """Return file → text of all that is to be written for the folder to say what the code says."""
    record, current = PublishedRecord(folder), examples()
    added = _additions(record, current)
    newest = _newest(record, current, added)
    wanted = {**added, **_schemas(folder, newest), **_documents(folder, newest)}
    return {file: text for file, text in wanted.items() if not file.exists() or file.read_text("utf-8") != text}


def _additions(record: PublishedRecord, current: Examples) -> Texts:
    """Return the shapes and examples that are not in the record yet."""
    shapes = {record.shape_file(each, record.revision(each)): _as_text(shape_of(schema_of(each))) for each in CATALOGUE}
    messages = {
        record.example_file(each, scenario): message.text()
        for each in CATALOGUE
        for scenario, message in current[each.routing_key].items()
    }
    new = {file: text for file, text in messages.items() if not file.exists()}
    examples_folder = record.digests_file.parent
    digests = {file.relative_to(examples_folder).as_posix(): digest_of(text.encode()) for file, text in new.items()}
    lines = [f"{digest}  {name}\n" for name, digest in sorted({**record.digests(), **digests}.items())]
    return {**shapes, **new, record.digests_file: "".join(lines)}


def _newest(record: PublishedRecord, current: Examples, added: Texts) -> Examples:
    """Return the examples of today's revisions as they are published, in the order of the scenarios."""

    def published(file: Path) -> Message:
        return Message.of(added[file] if file in added else file.read_text("utf-8"))

    return {
        each.routing_key: {
            scenario: published(record.example_file(each, scenario)) for scenario in current[each.routing_key]
        }
        for each in CATALOGUE
    }


def _schemas(folder: Path, newest: Examples) -> Texts:
    texts = {}
    for event_type in CATALOGUE:
        first = next(iter(newest[event_type.routing_key].values()))
        schema = {**schema_of(event_type), "examples": [first.body]}
        texts[folder / "schemas" / f"{event_type.routing_key}.json"] = _as_text(schema)
    return texts


def _documents(folder: Path, newest: Examples) -> Texts:
    version = tomllib.loads((_ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    texts = {}
    for application in (OCOP, *SYSTEM.names):
        made = document(application, newest, version=version)
        texts[folder / "asyncapi" / f"{application}.json"] = _as_text(made)
        texts[folder / "asyncapi" / f"{application}.html"] = page(made)
    return texts


def _as_text(content: Any) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"

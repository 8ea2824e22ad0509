"""The record of what was ever published, which is only added to.

`schemas/published/` has what of each schema matters to programs, one file a revision: contracts grow, and a version
goes through several. `examples/` has whole messages of every revision, `SHA256SUMS` the digests of their bytes.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import CATALOGUE, EventType
from shared.system import SYSTEM
from tools.contracts.compatibility import breaks
from tools.contracts.messages import Message
from tools.contracts.schemas import Schema, schema_of, shape_of

_INSTEAD = (
    "Such a change is a new version: leave the published model as it is, and give the changed one a type and a routing "
    "key of its own, .v2 (docs/decisions/0010-published-contracts.md)."
)


class ContractBrokenError(Exception):
    """What was published would no longer hold; the text says where, and what to do instead."""


@dataclass(frozen=True)
class PublishedRecord:
    """The record in a folder: `docs`, or one of a test's own."""

    folder: Path

    def revisions(self, event_type: EventType[Any]) -> list[Schema]:
        """Return every shape of an event's data that was ever published, the oldest first."""
        shapes: list[Schema] = []
        while (file := self.shape_file(event_type, len(shapes) + 1)).exists():
            shapes.append(json.loads(file.read_text("utf-8")))
        return shapes

    def revision(self, event_type: EventType[Any]) -> int:
        """Return the number of today's shape: the last one's, or the next where the code has changed it."""
        known = self.revisions(event_type)
        return len(known) if known and known[-1] == shape_of(schema_of(event_type)) else len(known) + 1

    def shape_file(self, event_type: EventType[Any], revision: int) -> Path:
        """Return where a revision lies."""
        return self.folder / "schemas" / "published" / f"{event_type.routing_key}.{revision}.json"

    def example_file(self, event_type: EventType[Any], scenario: str) -> Path:
        """Return where the example of a scenario lies, in today's revision."""
        name = f"{scenario}.{self.revision(event_type)}.json"
        return self.folder / "examples" / event_type.routing_key / name

    @property
    def digests_file(self) -> Path:
        """Return where the digests lie, as `sha256sum --check` reads them."""
        return self.folder / "examples" / "SHA256SUMS"

    def digests(self) -> dict[str, str]:
        """Return published example → SHA-256 of its bytes."""
        lines = self.digests_file.read_text("utf-8").splitlines() if self.digests_file.exists() else []
        return {name: digest for digest, name in (line.split("  ") for line in lines)}

    def messages(self) -> Iterator[tuple[str, Message]]:
        """Return every example ever published, with its name."""
        for name in self.digests():
            yield name, Message.of((self.folder / "examples" / name).read_text("utf-8"))

    def altered(self) -> list[str]:
        """Name the published examples that are not what they were."""
        files = {name: self.folder / "examples" / name for name in self.digests()}
        return [
            name
            for name, digest in self.digests().items()
            if not files[name].exists() or digest_of(files[name].read_bytes()) != digest
        ]

    def broken(self) -> list[str]:
        """Yield, one line a place, where today's schemas break those who know an earlier revision."""
        lines = (
            f"{event_type.routing_key}: {each}"
            for event_type in CATALOGUE
            for earlier in self.revisions(event_type)
            for each in breaks(earlier, shape_of(schema_of(event_type)), announced=_is_announced(event_type))
        )
        return list(dict.fromkeys(lines))

    def check(self) -> None:
        """Raise ContractBrokenError where a schema breaks its readers, or a published example was altered."""
        if altered := self.altered():
            raise ContractBrokenError(f"Published examples never change; bring back: {', '.join(altered)}")
        if broken := self.broken():
            raise ContractBrokenError("\n".join((*broken, _INSTEAD)))


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of an example's bytes."""
    return hashlib.sha256(content).hexdigest()


def _is_announced(event_type: EventType[Any]) -> bool:
    return any(event_type in kinds for kinds in (service.announces for service in SYSTEM.services))

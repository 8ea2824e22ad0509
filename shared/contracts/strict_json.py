"""JSON as RFC 8259 has it, where Python's reader is more lenient: no NaN, no duplicate names, no bottomless nesting."""

import json
from typing import Any, NoReturn

from cloudevents.core.base import BaseCloudEvent, EventFactory
from cloudevents.core.formats.json import JSONFormat


class StrictJSONFormat(JSONFormat):
    """The SDK's JSON format, strict when reading; writes UTF-8 as it is, so that Vietnamese can be read on a queue."""

    def loads(self, text: str | bytes) -> Any:
        """Read JSON. Raises ValueError with what was wrong and where."""
        try:
            return json.loads(
                text.decode("utf-8") if isinstance(text, bytes) else text,
                object_pairs_hook=_without_duplicates,
                parse_constant=_refuse_constant,
            )
        except RecursionError as error:
            raise ValueError("nested too deeply") from error

    def read(self, event_factory: EventFactory | None, data: str | bytes) -> BaseCloudEvent:
        """Read a CloudEvent in structured mode. Raises ValueError where it is no strict JSON."""
        self.loads(data)
        return super().read(event_factory, data)

    def read_data(self, body: bytes, datacontenttype: str | None) -> dict[str, Any] | str | bytes | None:
        """Read the body of binary mode. Raises ValueError where the content type says JSON and the body is none."""
        content_type = datacontenttype or self.DEFAULT_CONTENT_TYPE
        if self.JSON_CONTENT_TYPE_PATTERN.match(content_type.lower()):
            data: dict[str, Any] = self.loads(body)
            return data
        return super().read_data(body, datacontenttype)

    def write_data(self, data: dict[str, Any] | str | bytes | None, datacontenttype: str | None) -> bytes:
        """Write the body of binary mode, compact, in UTF-8."""
        if isinstance(data, dict):
            return json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
        return super().write_data(data, datacontenttype)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"name twice in one object: {next(name for name in names if names.count(name) > 1)!r}")
    return found


def _refuse_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")

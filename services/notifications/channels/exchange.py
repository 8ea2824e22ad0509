"""What a server is asked over HTTP, and what it answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """What is sent. Nothing of it is in `repr`: URLs, headers and bodies may hold secrets and what is personal."""

    url: str = field(repr=False)
    body: bytes | None = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    method: str = "POST"


@dataclass(frozen=True)
class Answer:
    """What a server answered: its status, the header `Retry-After`, and as much of its body as is read."""

    status: int
    retry_after: str | None = None
    body: bytes = field(default=b"", repr=False)

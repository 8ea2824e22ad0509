"""Asks a server for its pages without a network, and reads what it answers; what is on record is made up."""

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from typing import cast

from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from ops.database_reader import Reader
from ops.find.asking import Asked
from ops.find.reading import Page
from ops.history.whole import ProductLife
from ops.language import Language
from ops.reports.report import Report
from ops.web.address import Address
from ops.web.offered import Offered
from ops.web.server import Site, application
from tests.unit.ops.reports.test_outputs import REPORT

NOTHING = Page(())


@dataclass
class MadeUp:
    """What is on record; `failing`: what comes instead of all of it. `asked` is the last list that was asked for.

    Without a report one is made of no database: what is asked for is read, and nothing more.
    """

    made: Report | None = REPORT
    page: Page = NOTHING
    lives: dict[str, ProductLife] = field(default_factory=dict)
    failing: Exception | None = None
    asked: Asked | None = None

    async def report(self, offered: Offered, address: Address) -> Report:
        self._fail()
        if self.made is None:
            return await offered.make(cast("Reader", None), address)
        return replace(self.made, name=offered.name)

    async def products(self, asked: Asked) -> Page:
        self._fail()
        self.asked = asked
        return self.page

    async def product(self, code: str) -> ProductLife | None:
        self._fail()
        return self.lives.get(code)

    def _fail(self) -> None:
        if self.failing:
            raise self.failing


class Read(HTMLParser):
    """What a page has: where it links, its elements with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    @property
    def links(self) -> list[str]:
        return [href for tag, attributes in self.elements if tag == "a" and (href := attributes.get("href"))]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for each, attributes in self.elements if each == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def page(self) -> Read:
        return Read(self.text)


async def get(
    path: str,
    source: MadeUp | None = None,
    *,
    method: str = "GET",
    name: str | None = "127.0.0.1:8090",
    host: str = "127.0.0.1",
    language: Language = Language.EN,
) -> Got:
    """Ask for a path, under the name that a browser gives the server, None where it gives none."""
    app = application(Site(source or MadeUp(), language, host))
    app.pre_freeze()
    app.freeze()
    answer = await app._handle(make_mocked_request(method, path, {"Host": name} if name else {}, app=app))
    assert isinstance(answer, web.Response)
    assert isinstance(answer.body, bytes)
    return Got(answer.status, dict(answer.headers), answer.body)

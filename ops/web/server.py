"""The pages over HTTP: which address is which page, who may ask, and what each answer tells a browser to keep to."""

import ipaddress
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from importlib.resources import files
from types import MappingProxyType

from aiohttp import web

from ops.errors import CommandError
from ops.language import Language, Message, speaking
from ops.language import gettext as _
from ops.named import printable
from ops.web import pages
from ops.web.address import Address, MissingError, WrongError
from ops.web.pages import Answer, Source
from shared.errors import SettingsError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: Of every answer; a page that has its style in itself says what it loads. Pages fetch their style and send their forms
#: here, run no script, and stand in no frame; browsers keep nothing, and tell no other site where somebody came from.
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Server": "ocop",
}
#: seconds after which it is worth while to ask again for what cannot be read now
_RETRY_AFTER = 10
_STYLE = "style.css"


@dataclass(frozen=True)
class Site:
    """What is served: `language` where an address names none; `host`, where it listens, as it was given."""

    source: Source
    language: Language
    host: str

    @property
    def is_for_this_machine(self) -> bool:
        """Return whether nobody else can reach it."""
        return is_loopback(self.host)

    def is_called(self, host: str | None) -> bool:
        """Return whether a browser that names this host means this machine.

        A page of elsewhere whose name has come to mean 127.0.0.1 (DNS rebinding) would else read what is here.
        """
        return not self.is_for_this_machine or (host is not None and is_loopback(_name_in(host)))


def application(site: Site) -> web.Application:
    """Return what answers requests: GET and HEAD alone."""
    app = web.Application(middlewares=[_Answering(site).answer])
    app.add_routes(
        [
            web.get("/", _page(site, pages.start)),
            web.get(f"/{_STYLE}", _style),
            web.get("/reports/{name}.{form:xlsx|csv|json}", _page(site, pages.report_file)),
            web.get("/reports/{name}.html", _page(site, pages.drawn_report)),
            web.get("/reports/{name}", _page(site, pages.report)),
            web.get("/products", _page(site, pages.products)),
            web.get("/products/{code}", _page(site, pages.product)),
        ]
    )
    return app


def is_loopback(host: str) -> bool:
    """Return whether an address or name is this machine's own, which no other can reach."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _name_in(host: str) -> str:
    """Return the name or address in a `Host` header, without its port and its brackets."""
    bracketed, closed, _port = host.partition("]")
    return bracketed.removeprefix("[") if closed else host.partition(":")[0].lower()


class _Answering:
    """Answers every request in its language, and says in a page what cannot be shown, and why."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @web.middleware
    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Return the answer, with what browsers are to keep to."""
        address = _address(request, self._site)
        with speaking(address.language):
            answer = await self._answered(request, handler, address)
        for name, value in {**HEADERS, "Content-Language": address.language.value}.items():
            answer.headers.setdefault(name, value)
        return answer

    async def _answered(self, request: web.Request, handler: Handler, address: Address) -> web.StreamResponse:
        if not self._site.is_called(request.headers.get("Host")):
            return _said(address, HTTPStatus.MISDIRECTED_REQUEST, _("this server has another name: use its address"))
        try:
            return await handler(request)
        except web.HTTPException as error:
            return _refused(address, error)
        except tuple(_STATUSES) as error:
            status = next(status for kind, status in _STATUSES.items() if isinstance(error, kind))
            return _said(address, status, str(error))
        except Exception as error:  # noqa: BLE001  # the next page may be well
            _note(request.path, error)
            return _said(address, HTTPStatus.INTERNAL_SERVER_ERROR, _("the operator's terminal says where it broke"))


def _page(site: Site, show: Callable[..., Awaitable[Answer]]) -> Handler:
    """Return what answers with a page, by what its address has in its places."""

    async def handle(request: web.Request) -> web.StreamResponse:
        return _response(await show(site.source, _address(request, site), **request.match_info))

    return handle


async def _style(_request: web.Request) -> web.StreamResponse:
    return web.Response(text=(files("ops.web") / _STYLE).read_text("utf-8"), content_type="text/css", charset="utf-8")


def _address(request: web.Request, site: Site) -> Address:
    return Address.of(request.path, request.query.items(), site.language)


def _response(answer: Answer, headers: Mapping[str, str] = MappingProxyType({})) -> web.Response:
    kept = {"Content-Disposition": f'attachment; filename="{answer.file}"'} if answer.file else {}
    policy = {"Content-Security-Policy": answer.policy} if answer.policy else {}
    charset = None if answer.content_type.startswith("application/") else "utf-8"
    return web.Response(
        body=answer.body,
        status=answer.status,
        content_type=answer.content_type,
        charset=charset,
        headers={**kept, **policy, **headers},
    )


def _refused(address: Address, error: web.HTTPException) -> web.Response:
    """Return what the server itself refuses: an address that is none, or a method other than GET and HEAD."""
    status = HTTPStatus(error.status)
    message = _("there is no such page") if status == HTTPStatus.NOT_FOUND else _("pages can only be read")
    return _said(address, status, message, {name: error.headers[name] for name in ("Allow",) if name in error.headers})


def _said(
    address: Address, status: HTTPStatus, message: str, headers: Mapping[str, str] = MappingProxyType({})
) -> web.Response:
    soon = {"Retry-After": str(_RETRY_AFTER)} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}
    return _response(pages.said(address, status, _TITLES[status].spoken, message), {**soon, **headers})


def _note(path: str, error: Exception) -> None:
    """Write on the terminal where a page broke, without what it was asked, which may be personal data."""
    *_outer, place = traceback.extract_tb(error.__traceback__)
    where = f"{type(error).__name__} in {place.filename}:{place.lineno}"
    sys.stderr.write(f"ocop: {printable(path)}: {where}\n")


#: What is answered where a page has to say why it cannot be shown.
_STATUSES: Mapping[type[Exception], HTTPStatus] = {
    WrongError: HTTPStatus.BAD_REQUEST,
    MissingError: HTTPStatus.NOT_FOUND,
    CommandError: HTTPStatus.SERVICE_UNAVAILABLE,
    SettingsError: HTTPStatus.INTERNAL_SERVER_ERROR,
}
_TITLES = {
    HTTPStatus.BAD_REQUEST: Message("This cannot be asked"),
    HTTPStatus.NOT_FOUND: Message("Not found"),
    HTTPStatus.METHOD_NOT_ALLOWED: Message("Not allowed"),
    HTTPStatus.MISDIRECTED_REQUEST: Message("Not allowed"),
    HTTPStatus.INTERNAL_SERVER_ERROR: Message("This page cannot be shown"),
    HTTPStatus.SERVICE_UNAVAILABLE: Message("The register cannot be read at the moment: try again soon"),
}

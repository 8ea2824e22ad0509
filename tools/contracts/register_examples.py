"""The examples of questions about the register: what is so of the products of `examples/lives` when all is played."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.registry import register_query
from services.registry.identity import KnownProduct
from services.registry.register_query import Page, Question
from shared.contracts.catalogue import QUERY_REJECTED, REGISTER_QUERY
from shared.contracts.event import Event, derived_id
from shared.handling.history import Version
from shared.integrations import user_of
from shared.scopes import EVERYWHERE, Role, Scope
from tools.contracts.messages import Message, announced, filed, filed_structured
from tools.contracts.programme import Programme
from tools.lives.life import load_lives

_USER = user_of("portal")
_SCOPE = Scope(Role.PORTAL, frozenset({EVERYWHERE}))
_NOON = datetime(2027, 6, 1, 5, 0, tzinfo=UTC)


@dataclass(frozen=True)
class RegisterScenario:
    """A register.query, and which page of two products answers it."""

    name: str
    data: Mapping[str, object]

    @property
    def event(self) -> Event:
        """The event in which it is asked."""
        id, source = derived_id("examples", "register", self.name), "/portal/son-tay"
        return Event(id, source, REGISTER_QUERY.type, dict(self.data), time=_NOON, filed_by=_USER)

    def answer(self, products: tuple[Version[KnownProduct], ...]) -> Event:
        """Return the event that answers it, where the register has these products."""
        question = Question.of(self.event, _SCOPE)
        left = tuple(each for each in products if each.of > str(self.data.get("after", "")))
        codes, after = register_query.codes_left([each.of for each in left], question.limit)
        page = Page(left[: len(codes)], after)
        (answer,) = register_query.decide(page, question, _NOON + timedelta(seconds=1)).announced
        return answer


def register_examples(sealed: str, token: str) -> Iterator[tuple[str, Message]]:
    """Yield questions and their answers, with the names of their examples."""
    products = _products(sealed, token)
    first = RegisterScenario("first-page", {"limit": 1})
    for each in (
        first,
        RegisterScenario("last-page", {"after": products[0].of}),
        RegisterScenario("limit-out-of-range", {"limit": 1000}),
        RegisterScenario("after-unreadable", {"after": "page 2"}),
    ):
        answer = each.answer(products)
        if answer.type != QUERY_REJECTED.type:
            yield each.name, filed(each.event, user=_USER)
        yield each.name, announced(answer)
    yield "structured-mode", filed_structured(first.event, user=_USER)


def _products(sealed: str, token: str) -> tuple[Version[KnownProduct], ...]:
    """Return two products of different lives, in the order of their codes."""
    found: dict[str, Version[KnownProduct]] = {}
    for life in load_lives():
        programme = Programme(sealed, token)
        for _ in programme.play(life):
            pass
        found |= programme.products
    return tuple(found[code] for code in sorted(found)[:2])

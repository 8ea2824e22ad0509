"""The examples of rounds, councils and certificates: lives of `examples/lives`, by the services' own rules, in memory.

Ids are always the same, and so is what is sealed: an example that was published never changes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from services.evaluation import SOURCE as EVALUATION
from services.evaluation import assessment
from services.evaluation.council import conclusion, convening, following, scorecard
from services.evaluation.council.convening import Conveyed
from services.evaluation.council.scorecard import filled_card
from services.evaluation.council.sitting import Sitting
from services.evaluation.council.state import SESSION, Session, Work, work_key
from services.evaluation.regulations import load_regulations
from services.evaluation.rulebook import load_rulebook
from services.registry import SOURCE as REGISTRY
from services.registry import (
    certificate_correction,
    council_results,
    imports,
    milestones,
    registration,
    revocation,
    round_filings,
)
from services.registry.app import RULES
from services.registry.certificate_correction import Correction, CorrectionState
from services.registry.identity import KnownProduct, ProducerNumbers
from services.registry.imports import ExaminedImport, ImportState
from services.registry.intake import ExaminedDossier
from services.registry.registration import RegisterState
from services.registry.round_filings import RoundState
from shared.contracts.catalogue import (
    BY_TYPE,
    CERTIFICATE_IMPORTED,
    COUNCIL_CONCLUDED,
    COUNCIL_CONVENED,
    COUNCIL_RESULT,
    DOSSIER_FILED,
    PRODUCT_SUBMITTED,
    RECOGNITION_CORRECTED,
    RECOGNITION_REVOKED,
    ROUND_MOVED,
    SCORECARD_FILED,
    EventType,
)
from shared.contracts.event import Event, derived_id
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.now import in_order
from shared.handling.outcome import Decision
from shared.handling.records import document_of
from shared.integrations import load_integrations, user_of
from shared.legal_date import legal_date
from shared.scopes import Scope
from shared.storage import StoredDocument
from tools.contracts.messages import Message, announced, filed
from tools.lives.life import INTEGRATIONS, Life, Step, data_of, load_lives

_NUMBERS = ProducerNumbers(b"examples")
#: Fields by which two events of one kind show different things.
_TELLING = ("to_stage", "closing", "milestone", "deadline", "outcome", "level", "ground", "after_extension")
_SECOND = timedelta(seconds=1)
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass
class Programme:
    """What registry and evaluation know while a life is played; `said` is all that was filed and announced."""

    sealed: str
    token: str
    products: dict[str, Version[KnownProduct]] = field(default_factory=dict)
    works: dict[str, Version[Work]] = field(default_factory=dict)
    sessions: dict[str, Session] = field(default_factory=dict)
    records: dict[str, StoredDocument] = field(default_factory=dict)
    said: list[Event] = field(default_factory=list)

    def play(self, life: Life) -> Iterator[tuple[str, Message]]:
        """Yield the messages of a life, each with the name of its example."""
        code = None
        for number, step in enumerate(life.steps, 1):
            before = len(self.said)
            self._fall_due(step.at)
            if step.kind and step.by:
                event = _filed(f"{life.name}/{number}", step, step.kind, step.by, code)
                yield f"{life.name}-{number:02}", filed(event, user=user_of(step.by))
                self._announce(self._decided(step.kind, event, _scope(step.by), step.at + _SECOND))
            for each in self.said[before:]:
                code = code or each.data.get("product_code")
                yield f"{life.name}-{number:02}", announced(each)

    def _fall_due(self, now: datetime) -> None:
        for of in list(self.products):
            while (due := next(iter(in_order(self.products[of].state.due)), None)) and due.at <= now:
                event = Event(
                    derived_id(of, due.milestone), f"{REGISTRY}/timers", "", {"milestone": due.milestone}, due.at
                )
                self._announce(milestones.decide(self.products[of], event, due.at))

    def _announce(self, decision: Decision) -> None:
        self.records[decision.key] = document_of(decision, _BEGINNING)
        match decision.version:
            case Version(of, _, KnownProduct()) as product:
                self.products[of] = product
            case Version(of, _, Work()) as work:
                self.works[of] = work
            case Version(of, _, Session() as session):
                self.sessions[of.removeprefix(SESSION)] = session
        for event in decision.announced:
            if "token" in event.data:
                event.data["token"] = self.token
            self.said.append(event)
            for follows in self._following(event):
                self._announce(follows)

    def _following(self, event: Event) -> Iterator[Decision]:
        kind, now = BY_TYPE[event.type], (event.time or _BEGINNING) + _SECOND
        work = self.works.get(work_key(str(event.subject)))
        match kind:
            case k if k == PRODUCT_SUBMITTED:
                yield assessment.decide(load_rulebook(), event, now)
            case k if k == COUNCIL_RESULT:
                yield council_results.decide(self.products.get(str(event.subject)), event, now)
            case k if k == ROUND_MOVED:
                yield following.round_moved(work, event)
            case k if k.model in following.STATUS:
                yield following.certificate_changed(work, event, k.model)

    def _decided(self, kind: EventType[Any], event: Event, scope: Scope, now: datetime) -> Decision:
        if kind == DOSSIER_FILED:
            return self._dossier(event, scope, now)
        if kind == CERTIFICATE_IMPORTED:
            today = legal_date(now)
            found = ExaminedImport.of(event, scope, numbers=_NUMBERS, seal=lambda _: self.sealed, today=today)
            return imports.decide(ImportState(number_key=event.id), found, now)
        if kind in {COUNCIL_CONVENED, SCORECARD_FILED, COUNCIL_CONCLUDED}:
            return self._council(kind, event, scope, now)
        return self._office(kind, event, scope, now)

    def _dossier(self, event: Event, scope: Scope, now: datetime) -> Decision:
        given = event.data.get("product_code")
        todays = {each.state.former_code: of for of, each in self.products.items()}.get(given) if given else None
        filing = ExaminedDossier.of(
            event,
            _NUMBERS,
            lambda _: self.sealed,
            now=now,
            scope=scope,
            todays_code=todays,
        )
        known = next(iter(self.products.values()), None)
        state = RegisterState(by_code=known) if given else RegisterState(by_key=known)
        return registration.decide(state, filing, now)

    def _council(self, kind: EventType[Any], event: Event, scope: Scope, now: datetime) -> Decision:
        if kind == COUNCIL_CONVENED:
            filing = Filing.of(event, COUNCIL_CONVENED, scope, source=EVALUATION, place_in=convening.place_in)
            works = {each.state.code: each.state for each in self.works.values()}
            return convening.decide(Conveyed(works=works), filing, load_regulations(), now)
        session, work = self.sessions.get(event.data["session"]), self.works.get(work_key(event.data["product_code"]))
        sitting = Sitting(session, None, work)
        if kind == SCORECARD_FILED:
            card = Filing.of(event, SCORECARD_FILED, scope, source=EVALUATION)
            return scorecard.decide(sitting, card, load_rulebook(), now)
        cards = work.state.cards_of(event.data["session"]) if work else ()
        sitting = replace(sitting, cards=tuple(filled_card(self.records[each.key]) for each in cards))
        concluded = Filing.of(event, COUNCIL_CONCLUDED, scope, source=EVALUATION)
        return conclusion.decide(sitting, concluded, load_rulebook(), now)

    def _office(self, kind: EventType[Any], event: Event, scope: Scope, now: datetime) -> Decision:
        filing, known = Filing.of(event, kind, scope, source=REGISTRY), self.products.get(event.data["product_code"])
        if kind == RECOGNITION_REVOKED:
            return revocation.decide(known, filing, now)
        if kind == RECOGNITION_CORRECTED:
            correction = Correction.of(known.state, filing.content) if known and filing.content else None
            return certificate_correction.decide(CorrectionState(known, correction, event.id), filing, now)
        rule = next(rule for rule in RULES if rule.kind == kind)
        return round_filings.decide(rule, RoundState(known, event.id), filing, now)


def life_examples(sealed: str, token: str) -> Iterator[tuple[str, Message]]:
    """Yield the lives' messages, of each kind those that show something new, with the names of their examples."""
    shown: set[tuple[object, ...]] = set()
    for life in load_lives():
        for name, message in Programme(sealed, token).play(life):
            data = message.body
            what = (message.event().type, *(str(data.get(each)) for each in _TELLING), *_codes(data))
            if BY_TYPE[message.event().type] not in _ELSEWHERE and what not in shown:
                shown.add(what)
                yield name, message


#: Kinds with examples of their own (scenarios.py).
_ELSEWHERE = {each for each in BY_TYPE.values() if each.name in {"dossier.filed", "product.rated"}}


def _codes(data: Any) -> Iterable[str]:
    return (str(each["code"]) for each in data.get("faults", ()))


def _scope(name: str) -> Scope:
    return load_integrations(INTEGRATIONS)[name].scope


def _filed(name: str, step: Step, kind: EventType[Any], by: str, code: str | None) -> Event:
    data = data_of(step, code)
    return Event(derived_id("lives", name), f"/offices/{by}", kind.type, data, step.at, filed_by=user_of(by))

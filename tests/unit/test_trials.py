"""A dossier that is tried is answered as it would be if it were filed, and leaves nothing behind."""

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.evaluation.handlers import Evaluation, dossier_examined, product_submitted
from services.registry.app import APP
from services.registry.handlers import Registry, dossier_filed
from services.registry.trial_handlers import dossier_tried
from shared.contracts.catalogue import (
    BY_TYPE,
    DOSSIER_EXAMINED,
    DOSSIER_FILED,
    DOSSIER_TRIED,
    PRODUCT_SUBMITTED,
    TRIAL_RESULT,
)
from shared.contracts.event import Event
from shared.contracts.rating import Rating
from shared.handling.outcome import Answered, DeadLetter
from shared.messaging.delivery import read_delivery
from shared.system import SYSTEM
from tests.unit.handling import NOW, Bench, at_last
from tests.unit.registry.dossiers import changed
from tools.examples import load_examples

USER = "integration.portal"
EXAMPLES = load_examples(NOW)


class Office:
    """Registry and evaluation, to which a portal files and of which it tries."""

    def __init__(self, bench: Bench, registry: Registry, evaluation: Evaluation) -> None:
        self.bench = bench
        self._registry = registry
        self._evaluation = evaluation

    async def tried(self, data: dict[str, Any], id: str, user: str | None = USER) -> Event:
        """Try a dossier, and return the last event that came of it."""
        event = Event(id=id, source="/portals/test", type=DOSSIER_TRIED.type, time=NOW, data=data, filed_by=user)
        assert await dossier_tried(self._registry, event) == Answered()
        if self._newest.type == DOSSIER_EXAMINED.type:
            assert await dossier_examined(self._evaluation, self._newest) == Answered()
        return self._newest

    async def filed(self, data: dict[str, Any], id: str) -> Event:
        """File a dossier, and return the last event that came of it."""
        event = Event(id=id, source="/portals/test", type=DOSSIER_FILED.type, time=NOW, data=data, filed_by=USER)
        await at_last(dossier_filed(self._registry, event))
        if self._newest.type == PRODUCT_SUBMITTED.type:
            await product_submitted(self._evaluation, self._newest)
        return self._newest

    @property
    def everything(self) -> list[dict[str, Any]]:
        """Whatever is on record or derived."""
        return [each for of in self.bench.database.collections.values() for each in of.documents]

    @property
    def _newest(self) -> Event:
        return self.bench.publisher.announced[-1]


@pytest.fixture
async def office() -> Office:
    bench = Bench()
    return Office(bench, await Registry.prepared(bench.resources), await Evaluation.prepared(bench.resources))


def said(filed: Event) -> tuple[str, object, object]:
    """Return what the trial of a dossier has to say, by the answer that it got when it was filed."""
    rating = {name: filed.data.get(name) for name in Rating.model_fields}
    return BY_TYPE[filed.type].name, filed.data.get("faults", []), None if "faults" in filed.data else rating


@pytest.mark.parametrize("name", EXAMPLES)
async def test_a_trial_says_what_filing_says_of_every_example_new_and_known(office: Office, name: str) -> None:
    for round_ in ("new", "known"):
        before = json.dumps(office.everything, default=str)
        trial = await office.tried(EXAMPLES[name], f"t-{round_}")
        assert json.dumps(office.everything, default=str) == before

        filed = await office.filed(EXAMPLES[name], f"f-{round_}")

        assert (trial.type, trial.data["trial_id"]) == (TRIAL_RESULT.type, f"t-{round_}")
        assert (trial.data["answer"], trial.data["faults"], trial.data["rating"]) == said(filed)


async def test_what_came_of_a_trial_goes_to_who_tried_it_and_answers_the_trial(office: Office) -> None:
    accepted = await office.tried(changed({}), "accepted")
    turned_back = await office.tried(changed({"/samples": 3}), "turned back")

    assert office.bench.publisher.keys == ["dossier.examined.v1", f"to.{USER}", f"to.{USER}"]
    assert [each.causation_id for each in (accepted, turned_back)] == ["accepted", "turned back"]
    assert [each.correlation_id for each in (accepted, turned_back)] == ["accepted", "turned back"]
    assert office.bench.recorded == []


async def test_nothing_personal_is_handed_on_or_answered(office: Office) -> None:
    own = {"name": "Nguyễn Thị Hưng Vân", "phone": "024 3383 0000", "email": "van@example.vn", "number": "001085012345"}
    changes: dict[str, object] = {
        "/producer/name": own["name"],
        "/producer/contact": {"phone": own["phone"], "email": own["email"]},
        "/producer/registration_number": own["number"],
        "/producer/tax_code": own["number"],
        "/product/description": f"Gọi {own['phone']} hoặc viết cho {own['email']}",
    }

    await office.tried(changed(changes), "t")
    examined, result = (json.dumps(each.data, ensure_ascii=False) for each in office.bench.publisher.announced)

    assert not any(each in examined for each in (own["phone"], own["email"], own["number"]))
    assert not any(each in result for each in own.values())


async def test_a_dossier_may_be_tried_under_the_id_under_which_it_was_or_will_be_filed(office: Office) -> None:
    before = await office.tried(changed({}), "one")
    filed = await office.filed(changed({}), "one")
    after = await office.tried(changed({"/product/name": "Bánh gai"}), "one")

    assert (before.data["answer"], BY_TYPE[filed.type].name, after.data["answer"]) == ("product.rated",) * 3


async def test_tried_twice_under_one_id_it_has_one_answer_and_another_where_the_answer_is_another(
    office: Office,
) -> None:
    first, second = [await office.tried(changed({}), "one") for _ in range(2)]
    await office.filed(changed({}), "filed meanwhile")
    third = await office.tried(changed({}), "one")

    assert first == second
    assert [fault["code"] for fault in third.data["faults"]] == ["product-already-registered"]
    assert third.id != first.id


async def test_who_cannot_be_answered_is_asked_about(office: Office) -> None:
    event = Event(id="t", source="/p", type=DOSSIER_TRIED.type, data=changed({}))

    for user in (None, "operator"):
        outcome = await dossier_tried(await Registry.prepared(office.bench.resources), replace(event, filed_by=user))
        assert isinstance(outcome, DeadLetter)
        assert outcome.reason == "asker-unknown"
    assert office.bench.publisher.announced == []


async def test_out_of_scope_the_register_is_not_asked_and_who_tried_is_logged(office: Office) -> None:
    await office.filed(changed({}), "of another")

    with capture_logs() as logged:
        result = await office.tried(changed({}), "t", user="integration.gone")

    assert [fault["code"] for fault in result.data["faults"]] == ["out-of-scope"]
    assert [(line["action"], line["asked_by"], line["id"]) for line in logged] == [("refuse", "integration.gone", "t")]


@pytest.mark.parametrize(
    ("user", "type", "reason", "answered"),
    [
        pytest.param(USER, DOSSIER_TRIED.type, "not-a-cloudevent", ["unreadable-not-a-cloudevent"], id="no JSON"),
        pytest.param(USER, DOSSIER_FILED.type, "wrong-type", ["unreadable-wrong-type"], id="a dossier to be filed"),
        pytest.param(None, DOSSIER_TRIED.type, "not-a-cloudevent", [], id="of nobody"),
        pytest.param("evaluation", DOSSIER_TRIED.type, "from-a-service", [], id="of a service"),
    ],
)
async def test_what_cannot_be_read_as_a_trial_is_kept_and_its_sender_is_told(
    office: Office, user: str | None, type: str, reason: str, answered: list[str]
) -> None:
    broken = b"{" if type == DOSSIER_TRIED.type else json.dumps(changed({})).encode()
    naming = {"ce-specversion": "1.0", "ce-id": "t", "ce-source": "/p", "ce-type": type}
    message: Any = SimpleNamespace(
        body=broken,
        headers=naming,
        user_id=user,
        redelivered=False,
        exchange="ocop.intake",
        content_type="application/json",
        **dict.fromkeys(("content_encoding", "message_id", "timestamp")),
    )
    own = [SYSTEM["registry"].subscription(DOSSIER_TRIED)]
    delivery = read_delivery(message, own, own_user="registry", system=SYSTEM)

    outcome = await APP.handlers[DOSSIER_TRIED](await Registry.prepared(office.bench.resources), delivery)

    assert isinstance(outcome, DeadLetter)
    assert outcome.reason == reason
    told = office.bench.publisher.announced
    assert [fault["code"] for each in told for fault in each.data["faults"]] == answered
    assert office.bench.documents("products") == []

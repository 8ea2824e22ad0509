"""The account itself: it sees what is lost, kept twice, changed, or invented."""

import json
from dataclasses import replace
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aio_pika.abc import AbstractIncomingMessage

from shared.contracts.event import Event
from tests.fuzz.accounting import INTAKE_QUEUE, Account
from tests.fuzz.sending import NUMBER, Sent
from tests.unit.contact_keys import SEALED

DEAD = f"{INTAKE_QUEUE}.dead"
GARBAGE = Sent(number=7, names=("noise",), queues=(INTAKE_QUEUE,), sha256=sha256(b"garbage").hexdigest(), id=None)
DOSSIER = replace(GARBAGE, number=8, id="ho-so-8", sha256=sha256(b"dossier").hexdigest())
RATED = replace(DOSSIER, number=9, id="p-9", queues=("notifications.product-rated",))


def sent(*messages: Sent) -> Account:
    return Account(sent={message.number: message for message in messages})


def letter(body: bytes, number: int | None = None, *, app_id: str | None = None) -> AbstractIncomingMessage:
    headers = {} if number is None else {NUMBER: str(number)}
    return cast("AbstractIncomingMessage", SimpleNamespace(body=body, headers=headers, app_id=app_id))


def answer(kind: str, *codes: str, cause: str = "ho-so-8", id: str = "answer", source: str = "/ocop/registry") -> Event:
    data: dict[str, Any] = {"faults": [{"code": code} for code in codes]}
    return Event(id=id, source=source, type=f"vn.ocop.{kind}.v1", data=data, causation_id=cause)


def test_garbage_that_is_kept_once_is_in_order_whether_or_not_its_headers_can_be_read() -> None:
    for number in (7, None):
        account = sent(GARBAGE)
        account.take_in_kept(DEAD, letter(b"garbage", number))
        assert account.faults() == []


def test_what_is_nowhere_is_lost() -> None:
    account = sent(GARBAGE, DOSSIER, RATED)

    assert [message.number for message, _ in account.open()] == [7, 8, 9]
    assert len(account.faults()) == 3


def test_a_dead_letter_that_came_twice_or_changed_or_from_nowhere_is_seen() -> None:
    account = sent(GARBAGE)
    for body in (b"garbage", b"garbage", b"garbage!"):
        account.take_in_kept(DEAD, letter(body, 7))
    account.take_in_kept(DEAD, letter(b"who sent this"))

    assert len(account.faults()) == 3


def test_a_dossier_has_one_answer_and_is_kept_exactly_if_it_breaks_the_contract() -> None:
    for codes, kept, faults in ((["missing"], True, 0), (["missing"], False, 1), (["samples-wrong"], True, 1)):
        account = sent(DOSSIER)
        account.take_in_answer(answer("dossier.rejected", *codes))
        if kept:
            account.take_in_kept(DEAD, letter(b"dossier", 8))
        assert len(account.faults()) == faults


def test_a_second_answer_is_seen_and_a_repeated_one_is_not() -> None:
    account = sent(DOSSIER)
    account.take_in_answer(answer("product.submitted"))
    account.take_in_answer(answer("product.submitted"))
    assert account.faults() == []

    account.take_in_answer(answer("dossier.rejected", id="another"))
    assert len(account.faults()) == 1


def test_one_id_with_two_contents_and_an_answer_to_nobody_are_seen() -> None:
    account = sent(DOSSIER)
    account.take_in_answer(answer("dossier.rejected", "samples-wrong"))
    account.take_in_answer(answer("dossier.rejected", "place-changed"))
    account.take_in_answer(answer("dossier.rejected", cause="nobody", id="other"))

    assert len(account.faults()) == 2


def test_elsewhere_a_message_is_answered_or_kept_and_never_both() -> None:
    account = sent(RATED)
    account.take_in_answer(answer("alert.delivered", cause="p-9", source="/ocop/notifications"))
    assert account.faults() == []

    account.take_in_kept("notifications.product-rated.dead", letter(b"dossier", 9))
    assert len(account.faults()) == 1


@pytest.mark.parametrize(("seal", "stray"), [(SEALED, True), (SEALED[:-9], False), ("no seal", False)])
def test_what_evaluation_says_of_a_mutated_seal_is_kept_rightly_and_nothing_else(seal: str, stray: bool) -> None:
    account = sent()

    account.take_in_kept(
        "notifications.product-rated.dead", letter(json.dumps({"sealed_recipient": seal}).encode(), app_id="evaluation")
    )

    assert bool(account.faults()) == stray

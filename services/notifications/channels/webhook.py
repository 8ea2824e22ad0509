"""Webhooks as a channel: the event itself, to whoever subscribed to it, signed by Standard Webhooks."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Literal

from standardwebhooks import Webhook

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.circuit_breaker import CircuitBreaker
from services.notifications.channels.exchange import Answer, Request
from services.notifications.channels.outbound import ANSWER_SECONDS, NoAnswerError, Outbound
from services.notifications.channels.recent_check import RecentCheck
from services.notifications.channels.retry_after import retry_after_seconds
from services.notifications.channels.subscriptions import Subscription
from services.notifications.delivery import Delivery
from services.notifications.plan import Alert
from shared.clock import Clock, system_clock
from shared.contracts.event import Event
from shared.contracts.writing import structured

#: Statuses beside 5xx with which a server says: not now.
_FOR_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
#: Faults that a check says: whoever asks reads no more than a page.
_SAID = 10

#: seconds; with 50 at once, five deliveries a second are put off
SPARED_SECONDS = 10.0


class WebhookChannel:
    """Posts events to subscriptions.

    Args:
        subscriptions: who gets events where; a delivery's `to` is the name of one of them.
        ca_file: PEM file of an authority beside those that the system trusts.
        answer_seconds: how long an answer may be waited for.
        spared_seconds: how long a delivery is kept that is not asked for, since its server is spared: thousands that
            wait for it are put off a few at a time, and take no work from other channels.
        clock: the time of signatures.
    """

    name: Literal["webhook"] = "webhook"

    def __init__(
        self,
        subscriptions: Iterable[Subscription],
        *,
        ca_file: Path | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        spared_seconds: float = SPARED_SECONDS,
        clock: Clock = system_clock,
    ) -> None:
        self._subscriptions = {each.name: each for each in subscriptions}
        self._outbound = {
            allow_private: Outbound(allow_private=allow_private, ca_file=ca_file, answer_seconds=answer_seconds)
            for allow_private in {each.allow_private for each in self._subscriptions.values()}
        }
        self._breakers = defaultdict[str, CircuitBreaker](CircuitBreaker)
        self._spared_seconds = spared_seconds
        self._clock = clock
        self._recent_check = RecentCheck(self._check)

    async def check(self) -> ChannelCheck:
        """Return whether every subscription's server can be reached and encrypts. Nothing is sent."""
        return await self._recent_check.result()

    async def _check(self) -> ChannelCheck:
        found = await asyncio.gather(*map(self._fault, self._subscriptions.values()))
        faults, all_ = [fault for fault in found if fault], len(found)
        subscriptions = "subscription" if all_ == 1 else "subscriptions"
        if not faults:
            return ChannelCheck(self.name, f"{all_} {subscriptions}", "answering, encrypted")
        said = [*faults[:_SAID], *([f"and {len(faults) - _SAID} more"] if len(faults) > _SAID else [])]
        return ChannelCheck(self.name, f"{len(faults)} of {all_} {subscriptions}", fault="; ".join(said))

    async def _fault(self, subscription: Subscription) -> str | None:
        try:
            await self._outbound[subscription.allow_private].connect(subscription.url)
        except NoAnswerError as error:
            return f"{subscription.name}: {error}"
        return None

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Post the events of a delivery to its subscription, each by itself, up to the first that is not taken now."""
        subscription = self._subscriptions.get(delivery.to)
        if subscription is None:
            return Refused("subscription-unknown")
        worst: DeliveryResult = Delivered()
        for alert in delivery.alerts:
            match await self._posted(subscription, alert):
                case Unavailable() as unavailable:
                    return unavailable
                case Refused() as refused:
                    worst = refused
        return worst

    async def _posted(self, subscription: Subscription, alert: Alert) -> DeliveryResult:
        if alert.event is None:
            return Refused("event-missing")
        breaker = self._breakers[subscription.name]
        if not breaker.lets_through(asyncio.get_running_loop().time()):
            await asyncio.sleep(self._spared_seconds)
            return Unavailable("not-asked, timed-out before")
        try:
            answer = await self._outbound[subscription.allow_private].send(
                self._request(subscription, alert.id, alert.event)
            )
        except NoAnswerError as error:
            breaker.note(timed_out=error.timed_out)
            return Unavailable(str(error))
        breaker.note(timed_out=False)
        return self._result(answer)

    def _request(self, subscription: Subscription, id: str, event: Event) -> Request:
        body, now = structured(event), self._clock()
        signatures = [
            Webhook(secret.get_secret_value()).sign(id, now, body.decode()) for secret in subscription.secrets
        ]
        return Request(
            subscription.url,
            body,
            {
                "Content-Type": "application/cloudevents+json; charset=utf-8",
                "webhook-id": id,
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": " ".join(signatures),
            },
        )

    def _result(self, answer: Answer) -> DeliveryResult:
        """Distinguish what was taken, what is not taken now, and what never will be."""
        match answer.status:
            case status if 200 <= status <= 299:
                return Delivered()
            case HTTPStatus.GONE:
                return Refused("410 gone")
            case status if 300 <= status <= 399:
                return Refused(f"{status} redirect")
            case status if 400 <= status <= 499 and status not in _FOR_NOW:
                return Refused(str(status))
            case status:
                return Unavailable(str(status), retry_after_seconds(answer.retry_after, self._clock()))

    async def close(self) -> None:
        """Close the connections that are kept."""
        for outbound in self._outbound.values():
            await outbound.close()

"""Text messages as a channel: the short form, to any gateway that a file describes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat
from pydantic import SecretStr

from services.notifications.channels import ChannelCheck, Delivered, DeliveryResult, Refused, Unavailable
from services.notifications.channels.exchange import Answer
from services.notifications.channels.outbound import ANSWER_SECONDS, NoAnswerError, Outbound
from services.notifications.channels.phone_numbers import mobile_number
from services.notifications.channels.recent_check import RecentCheck
from services.notifications.channels.retry_after import retry_after_seconds
from services.notifications.channels.sms_gateway import Gateway
from services.notifications.channels.sms_text import fitted, folded, segments
from services.notifications.delivery import Delivery
from services.notifications.metrics import SMS_SEGMENTS
from shared.clock import Clock, system_clock

_FORMATS = {
    "e164": PhoneNumberFormat.E164,
    "digits": PhoneNumberFormat.E164,
    "national": PhoneNumberFormat.NATIONAL,
}


class SmsChannel:
    """Hands text messages to a gateway.

    Args:
        gateway: what it is asked, and what its answers mean.
        secrets: name → secret, as the gateway's configuration names them.
        ca_file: PEM file of an authority beside those that the system trusts.
        answer_seconds: how long an answer may be waited for.
        clock: the time by which a `Retry-After` is read.
    """

    name: Literal["sms"] = "sms"

    def __init__(
        self,
        gateway: Gateway,
        secrets: Mapping[str, SecretStr],
        *,
        ca_file: Path | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        clock: Clock = system_clock,
    ) -> None:
        self._gateway = gateway
        self._secrets = secrets
        self._outbound = Outbound(allow_private=gateway.allow_private, ca_file=ca_file, answer_seconds=answer_seconds)
        self._clock = clock
        self._recent_check = RecentCheck(self._check)

    async def check(self) -> ChannelCheck:
        """Return whether the gateway can be reached, and encrypts where it has to. Nothing is sent."""
        return await self._recent_check.result()

    async def _check(self) -> ChannelCheck:
        gateway = self._gateway
        try:
            await self._outbound.connect(gateway.url)
        except NoAnswerError as error:
            return ChannelCheck(self.name, gateway.host, fault=str(error))
        return ChannelCheck(self.name, gateway.host, f"answers, {'' if gateway.encrypts else 'not '}encrypted")

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Send the short form of a delivery to its number."""
        number = mobile_number(delivery.to, self._gateway.regions)
        if isinstance(number, Refused):
            return number
        text = self._text(delivery.short)
        request = self._gateway.request({"to": self._written(number), "text": text, "id": delivery.id}, self._secrets)
        try:
            answer = await self._outbound.send(request)
        except NoAnswerError as error:
            return Unavailable(str(error))
        return self._result(answer, text)

    def _written(self, number: PhoneNumber) -> str:
        written = phonenumbers.format_number(number, _FORMATS[self._gateway.number])
        return written if self._gateway.number == "e164" else "".join(filter(str.isdigit, written))

    def _text(self, short: str) -> str:
        text = folded(short) if self._gateway.alphabet == "ascii" else short
        return fitted(text, self._gateway.max_segments)

    def _result(self, answer: Answer, text: str) -> DeliveryResult:
        meant = self._gateway.meaning(answer)
        match meant.means:
            case "accepted":
                sent = segments(text)
                SMS_SEGMENTS.labels(sent.encoding).inc(sent.count)
                return Delivered()
            case "refused":
                return Refused(meant.detail)
            case "unavailable":
                return Unavailable(meant.detail, retry_after_seconds(answer.retry_after, self._clock()))

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._outbound.close()

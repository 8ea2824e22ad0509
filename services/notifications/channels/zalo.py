"""Zalo as a channel: Zalo Notification Service, templates that Zalo has approved, to telephone numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from services.notifications.channels import ChannelCheck, DeliveryResult, Refused, Unavailable
from services.notifications.channels.exchange import Answer
from services.notifications.channels.outbound import ANSWER_SECONDS, NoAnswerError, Outbound
from services.notifications.channels.phone_numbers import HOME, international_digits, mobile_number
from services.notifications.channels.recent_check import RecentCheck
from services.notifications.channels.zalo_answers import is_token_invalid, result
from services.notifications.channels.zalo_file import ZaloApp
from services.notifications.channels.zalo_token_history import TokenHistory
from services.notifications.channels.zalo_tokens import AccessTokens, NoTokenError
from services.notifications.delivery import Delivery
from shared.clock import Clock, system_clock
from shared.errors import OutageError
from shared.handling.records import Records
from shared.sealing import OpeningKeys


class ZaloChannel:
    """Sends templates by Zalo.

    Args:
        app: as what Zalo is asked, and its templates.
        records: where the tokens are kept.
        keys: seal and open them.
        ca_file: PEM file of an authority beside those that the system trusts.
        answer_seconds: how long an answer may be waited for.
        clock: the time by which tokens are good, and quotas and nights end.
    """

    name: Literal["zalo"] = "zalo"

    def __init__(
        self,
        app: ZaloApp,
        records: Records,
        keys: OpeningKeys,
        *,
        ca_file: Path | None = None,
        answer_seconds: float = ANSWER_SECONDS,
        clock: Clock = system_clock,
    ) -> None:
        self._app = app
        self._outbound = Outbound(allow_private=app.file.allow_private, ca_file=ca_file, answer_seconds=answer_seconds)
        self._tokens = AccessTokens(app, self._outbound, TokenHistory(records, keys), clock)
        self._clock = clock
        self._recent_check = RecentCheck(self._check)

    async def check(self) -> ChannelCheck:
        """Return whether Zalo can be reached, and there is an access token. Nothing is sent.

        A token that has to be renewed is renewed: so who checks now and then keeps the authorisation.
        """
        return await self._recent_check.result()

    async def _check(self) -> ChannelCheck:
        place = urlsplit(self._app.file.api_url).netloc
        try:
            await self._outbound.connect(self._app.file.api_url)
            await self._tokens.token()
        except (NoAnswerError, NoTokenError) as error:
            return ChannelCheck(self.name, place, fault=str(error))
        except OutageError:
            return ChannelCheck(self.name, place, fault="database-away")
        if self._tokens.trouble:  # the token there is still serves
            return ChannelCheck(self.name, place, fault=self._tokens.trouble)
        return ChannelCheck(self.name, place, "answers, encrypted, authorised")

    async def deliver(self, delivery: Delivery) -> DeliveryResult:
        """Send the template of a delivery to its number. Raise OutageError: the tokens are in the database."""
        number = mobile_number(delivery.to, (HOME,))
        if isinstance(number, Refused):
            return number
        message = self._app.message(delivery, international_digits(number))
        if message is None:
            return Refused("no-template")
        try:
            return result(await self._sent(message), self._clock())
        except (NoAnswerError, NoTokenError) as error:
            return Unavailable(str(error))

    async def _sent(self, message: Mapping[str, Any]) -> Answer:
        """Return what Zalo answers; where it takes the access token no more, once again with another one."""
        token = await self._tokens.token()
        answer = await self._outbound.send(self._app.sending(message, token))
        if not is_token_invalid(answer):
            return answer
        token = await self._tokens.token(instead_of=token)
        return await self._outbound.send(self._app.sending(message, token))

    async def close(self) -> None:
        """Close the connections that are kept, once no renewal needs one."""
        await self._tokens.close()
        await self._outbound.close()

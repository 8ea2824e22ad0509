"""A server that behaves as Zalo's documentation says: templates, and refresh tokens that are good for one use."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from shared.clock import Clock
from tests.contract.https_server import Answering, Asked, Site, says

APP_ID, SECRET = "3608465248940903967", "geheimer-schluessel"
AUTHORISED = "refresh-of-the-authorisation"
#: Template → its parameters.
TEMPLATES = {"312345": {"ten_san_pham", "so_sao"}, "312346": {"product", "stars"}, "400001": {"so_luong", "tin"}}


@dataclass
class Zalo:
    """What Zalo knows, has got, and answers; `codes` are said before all else, one a message."""

    clock: Clock
    users: set[str] = field(default_factory=lambda: {"84912345678"})
    daily_quota: int = 500
    life_seconds: int = 90_000
    codes: list[int] = field(default_factory=list)
    #: Refresh tokens that are good, and those that were used, as often as they were.
    refresh_tokens: set[str] = field(default_factory=lambda: {AUTHORISED})
    used: list[str] = field(default_factory=list)
    access_tokens: dict[str, datetime] = field(default_factory=dict)
    messages: list[dict[str, Any]] = field(default_factory=list)
    answers: asyncio.Event = field(default_factory=asyncio.Event)
    asked_for_tokens: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.answers.set()
        self.site = Site(self._answer)

    async def _answer(self, writer: asyncio.StreamWriter) -> None:
        asked = self.site.asked[-1]
        path = asked.line.split()[1]
        answering = await {"/v4/oa/access_token": self._tokens, "/message/template": self._message}[path](asked)
        await answering(writer)

    async def _tokens(self, asked: Asked) -> Answering:
        form = {name: value for name, (value,) in parse_qs(asked.body.decode(), strict_parsing=True).items()}
        if asked.headers["secret_key"] != SECRET or form["app_id"] != APP_ID:
            return _said({"error": -104, "error_name": "Invalid secret key"})
        refresh_token = form["refresh_token"]
        self.used.append(refresh_token)
        if form["grant_type"] != "refresh_token" or refresh_token not in self.refresh_tokens:
            return _said({"error": -14020, "error_name": "Invalid refresh token", "error_description": refresh_token})
        self.refresh_tokens.remove(refresh_token)
        pair = self._new_pair()
        self.asked_for_tokens.set()
        await self.answers.wait()
        return _said(pair)

    def _new_pair(self) -> dict[str, str]:
        number = len(self.used)
        self.access_tokens[f"access-{number}"] = self.clock() + timedelta(seconds=self.life_seconds)
        self.refresh_tokens.add(f"refresh-{number}")
        pair = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        return pair | {"expires_in": str(self.life_seconds)}

    async def _message(self, asked: Asked) -> Answering:
        if self.access_tokens.get(asked.headers["access_token"], self.clock()) <= self.clock():
            return _said({"error": -124, "message": "Access token invalid"})
        message = json.loads(asked.body)
        if code := self.codes.pop(0) if self.codes else self._code(message):
            return _said({"error": code, "message": f"no: {message['phone']}"})
        self.messages.append(message)
        quota = {"dailyQuota": str(self.daily_quota), "remainingQuota": str(self.daily_quota - len(self.messages))}
        data = {"msg_id": f"{len(self.messages):020x}", "sent_time": "1626926349402", "quota": quota}
        return _said({"error": 0, "message": "Success", "data": data})

    def _code(self, message: Mapping[str, Any]) -> int:
        parameters = TEMPLATES.get(message["template_id"])
        if parameters is None:
            return -109
        if not parameters <= message["template_data"].keys() or not all(message["template_data"].values()):
            return -1122
        if message["phone"] not in self.users:
            return -118
        return -144 if len(self.messages) >= self.daily_quota else 0


def _said(body: Mapping[str, Any]) -> Answering:
    return says(200, json.dumps(body).encode(), "Content-Type: application/json")

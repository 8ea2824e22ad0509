"""Zalo, a database, and a time that is set: what instances of notifications share."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import trustme
from pydantic import SecretStr

from services.notifications.alerts import Alerts
from services.notifications.channels.zalo import ZaloChannel
from services.notifications.channels.zalo_file import ZaloApp, ZaloFile
from services.notifications.delivery import Delivery
from shared.sealing import OpeningKeys
from tests.contract.https_server import https_server, server_tls
from tests.contract.zalo_server import APP_ID, AUTHORISED, SECRET, Zalo
from tests.unit.contact_keys import PRIVATE_KEYS
from tests.unit.memory import MemoryDatabase
from tests.unit.notifications.examples import NOON, alert_of, three_stars

DELIVERY = Delivery("0d5b6c1e-7b1f-5c55-a6b0-3f5a8f0f3c11", "0912 345 678", (alert_of(three_stars()),))
TEMPLATES = {
    "product.rated": {
        "id": "312345",
        "parameters": {"ten_san_pham": {"field": "product_name", "max": 200}, "so_sao": "stars"},
    },
    "digest": {"id": "400001", "parameters": {"so_luong": "count", "tin": "short"}},
}
#: Until an access token is renewed, of its 25 hours, and until it is not good any more.
RENEWED_AFTER, LIFE = timedelta(hours=20), timedelta(hours=25)


@dataclass
class Stage:
    """Zalo, a database, and a time that is set; channels are the instances that share them."""

    port: int
    ca_file: Path
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.zalo = Zalo(lambda: self.now)
        self.database: Any = MemoryDatabase()
        self.channels: list[ZaloChannel] = []

    async def channel(
        self, *, authorised: str = AUTHORISED, secret: str = SECRET, keys: str = PRIVATE_KEYS, **said: object
    ) -> ZaloChannel:
        """Return a channel as an instance of notifications has it when it starts."""
        host = f"https://localhost:{self.port}"
        usual = {"api_url": host, "oauth_url": host, "allow_private": True, "templates": TEMPLATES}
        files = {"app_id": APP_ID, "secret_file": "s", "refresh_token_file": "r"}
        app = ZaloApp(ZaloFile.model_validate(usual | files | said), SecretStr(secret), SecretStr(authorised))
        alerts = Alerts(self.database, clock=lambda: self.now)
        await alerts.prepare()
        channel = ZaloChannel(app, alerts, OpeningKeys.of(keys), ca_file=self.ca_file, clock=lambda: self.now)
        self.channels.append(channel)
        return channel

    @property
    def records(self) -> list[dict[str, Any]]:
        """What is on record."""
        return [*self.database.collection("alerts").documents]


@asynccontextmanager
async def zalo_stage(authority: trustme.CA, folder: Path) -> AsyncIterator[Stage]:
    """Run a server in the place of Zalo; channels trust its authority."""
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    stage = Stage(0, folder / "ca.pem")
    async with https_server(stage.zalo.site, server_tls(authority, "localhost")) as stage.port:
        try:
            yield stage
        finally:
            for channel in stage.channels:
                await channel.close()

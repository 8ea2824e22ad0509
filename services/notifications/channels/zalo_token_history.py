"""Record: the tokens by which Zalo is asked, sealed, in a history among the alerts."""

from dataclasses import dataclass, field
from datetime import datetime

from services.notifications import zalo_token
from services.notifications.zalo_token import HISTORY, TokenPair, TokenState
from shared.handling.history import Version
from shared.handling.records import Histories, Records
from shared.sealing import BrokenSealError, OpeningKeys, UnknownKeyError


@dataclass(frozen=True)
class KnownTokens:
    """The newest version of the tokens, and the pair in it; None before there is one, or where it cannot be opened."""

    version: Version[TokenState] | None = None
    pair: TokenPair | None = field(default=None, repr=False)

    @property
    def state(self) -> TokenState | None:
        """What is on record, None before anything is."""
        return self.version.state if self.version else None

    def good_token(self, now: datetime, instead_of: str | None) -> str | None:
        """Return the access token, where it can be used and is another one than that."""
        if self.pair is None or self.state is None or not self.state.is_good(now):
            return None
        return self.pair.access_token if self.pair.access_token != instead_of else None

    def was_authorised_by(self, fingerprint: str) -> bool:
        """Return whether the refresh token with this fingerprint was made use of."""
        return self.state is not None and fingerprint in self.state.authorised


class TokenHistory:
    """Keeps the tokens where other instances and the next start find them.

    Args:
        records: where the history is.
        keys: open what is on record, and seal it.
    """

    def __init__(self, records: Records, keys: OpeningKeys) -> None:
        self._records = records
        self._histories = Histories(records.collection, TokenState)
        self._keys = keys

    async def newest(self) -> KnownTokens:
        """Return the tokens as they are now. Raise OutageError."""
        version = await self._histories.newest(HISTORY)
        if version is None:
            return KnownTokens()
        try:
            return KnownTokens(version, self._keys.open(version.state.sealed, TokenPair))
        except (BrokenSealError, UnknownKeyError):
            return KnownTokens(version)

    async def record(self, version: Version[TokenState]) -> None:
        """Put a version on record. Raise ConflictError where another instance was first; OutageError."""
        await self._records.record(zalo_token.decision(version))

    def sealed(self, pair: TokenPair) -> str:
        """Return a pair as it is put on record."""
        return self._keys.sealing_key.seal(pair)

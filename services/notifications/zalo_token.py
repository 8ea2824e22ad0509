"""Decide: who renews the tokens by which Zalo is asked, and what is on record of them.

A refresh token is good for one use: whoever renews says so in the history first, and one instance wins there.
"""

from datetime import datetime, timedelta

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.handling.history import State, Version
from shared.handling.outcome import Decision

HISTORY = "zalo/token"
#: How long the others wait for an instance that renews: longer than Zalo may take to answer.
MOST_RENEWING = timedelta(minutes=1)
#: The part of an access token's life after which it is renewed, while it is still good.
_RENEWED_AFTER = 0.8
#: Refresh tokens of the file that are remembered, so that none is used twice.
_REMEMBERED = 20


class TokenPair(BaseModel):
    """What Zalo gave us last; no access token where there is but the refresh token of an authorisation."""

    model_config = ConfigDict(frozen=True)

    access_token: str = Field("", repr=False)
    refresh_token: str = Field(repr=False)


class TokenState(State):
    """The newest pair, sealed for notifications alone, and until when its access token is good.

    `renewing_since` is there while an instance renews it. `authorised` are the refresh tokens that came from the file,
    by their fingerprints, the newest last.
    """

    sealed: str
    renewed_at: AwareDatetime | None = None
    expires_at: AwareDatetime | None = None
    renewing_since: AwareDatetime | None = None
    authorised: tuple[str, ...] = ()

    def is_good(self, now: datetime) -> bool:
        """Return whether the access token can still be used."""
        return self.expires_at is not None and now < self.expires_at

    def is_fresh(self, now: datetime) -> bool:
        """Return whether it need not be renewed yet."""
        if self.renewed_at is None or self.expires_at is None:
            return False
        return now < self.renewed_at + (self.expires_at - self.renewed_at) * _RENEWED_AFTER

    def is_new(self, now: datetime) -> bool:
        """Return whether it is too early to renew it again: where Zalo takes none of ours, it is not asked for more."""
        return self.renewed_at is not None and now < self.renewed_at + MOST_RENEWING

    def is_being_renewed(self, now: datetime) -> bool:
        """Return whether an instance renews it; one that died meanwhile is not waited for longer than a minute."""
        return self.renewing_since is not None and now < self.renewing_since + MOST_RENEWING


def is_token(history: str) -> bool:
    """Return whether a history is that of the tokens."""
    return history == HISTORY


def claimed(known: Version[TokenState], now: datetime) -> Version[TokenState]:
    """Return the version that says that they are being renewed."""
    return known.then(known.state.model_copy(update={"renewing_since": now}))


def authorised(known: Version[TokenState] | None, sealed: str, fingerprint: str, now: datetime) -> Version[TokenState]:
    """Return the version that says that a pair is being got by a new authorisation; what was before does not count."""
    before = known.state.authorised if known else ()
    state = TokenState(sealed=sealed, renewing_since=now, authorised=(*before, fingerprint)[-_REMEMBERED:])
    return known.then(state) if known else Version(HISTORY, 1, state)


def renewed(known: Version[TokenState] | None, sealed: str, seconds: float, now: datetime) -> Version[TokenState]:
    """Return the version with a new pair, whose access token is good for so many seconds from now."""
    state = TokenState(
        sealed=sealed,
        renewed_at=now,
        expires_at=now + timedelta(seconds=seconds),
        authorised=known.state.authorised if known else (),
    )
    return known.then(state) if known else Version(HISTORY, 1, state)


def decision(version: Version[TokenState]) -> Decision:
    """Return what is put on record of a version."""
    outcome = "token-renewing" if version.state.renewing_since else "token-renewed"
    return Decision(f"{HISTORY}/{version.number}", (), {"outcome": outcome}, version=version)

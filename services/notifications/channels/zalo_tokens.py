"""The access token by which Zalo is asked: renewed in time, by one instance, and on record before it is used."""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from services.notifications import zalo_token
from services.notifications.channels.outbound import NoAnswerError, Outbound
from services.notifications.channels.zalo_answers import Renewed, renewed
from services.notifications.channels.zalo_file import ZaloApp
from services.notifications.channels.zalo_token_history import KnownTokens, TokenHistory
from services.notifications.zalo_token import TokenPair, TokenState
from shared.clock import Clock
from shared.errors import ConflictError, OutageError
from shared.handling.history import Version
from shared.logs import Action, log

#: How often another writer may be first.
_MOST_CONFLICTS = 10
#: seconds; how long a renewal may go on while the service ends
CLOSE_SECONDS = 5.0
_CONFLICTS = "another writer was first again and again, and its record cannot be read yet"


class NoTokenError(Exception):
    """There is no access token now. Its text is a stable code."""


@dataclass(frozen=True)
class _Unsaved:
    """A pair that Zalo gave us and that is not on record yet: sealed, for how many seconds it is good, since when."""

    sealed: str
    seconds: float
    since: datetime


class AccessTokens:
    """Gives the access token, and renews it.

    Args:
        app: the application, and the refresh token of its authorisation, with which the history begins.
        outbound: sends requests.
        history: where the tokens are kept.
        clock: the time.
    """

    def __init__(self, app: ZaloApp, outbound: Outbound, history: TokenHistory, clock: Clock) -> None:
        self._app = app
        self._outbound = outbound
        self._history = history
        self._clock = clock
        self._known = KnownTokens()
        self._unsaved: _Unsaved | None = None
        self._one_at_a_time = asyncio.Lock()
        self._running: set[asyncio.Task[str]] = set()
        #: Why the last renewal of ours failed, None where it did not.
        self.trouble: str | None = None

    async def token(self, *, instead_of: str | None = None) -> str:
        """Return an access token that is good: another one than `instead_of`, which Zalo takes no more.

        Raises:
            NoTokenError: there is none now.
            OutageError: the database is away.
        """
        if token := self._fresh_token(instead_of):
            return token
        # A handler may be cancelled at any time, a renewal not: a pair that is lost is an authorisation that is lost.
        task = asyncio.create_task(self._found(instead_of))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Let a renewal end that is under way: who asked for it may be gone, and Zalo takes the old pair no more."""
        if self._running:
            await asyncio.wait(self._running, timeout=CLOSE_SECONDS)

    async def _found(self, instead_of: str | None) -> str:
        async with self._one_at_a_time:
            await self._save()
            for _ in range(_MOST_CONFLICTS):
                self._known = await self._history.newest()
                if token := self._fresh_token(instead_of):
                    self.trouble = None
                    return token
                try:
                    return await self._renewed(self._known.good_token(self._clock(), instead_of))
                except ConflictError:
                    continue
            raise OutageError(_CONFLICTS)

    async def _renewed(self, still_good: str | None) -> str:
        """Renew the tokens, unless another instance does; what is `still_good` serves where that fails.

        Raises:
            ConflictError: another instance was first to say that it does.
            NoTokenError: there is no token now.
            OutageError: the database is away.
        """
        newly = not self._known.was_authorised_by(self._app.fingerprint)
        try:
            claim, refresh_token = self._authorised() if newly else self._claimed()
            await self._history.record(claim)
            return await self._exchanged(refresh_token)
        except NoTokenError:
            if still_good and not newly:
                return still_good
            raise

    def _authorised(self) -> tuple[Version[TokenState], str]:
        """Return what says that we use the refresh token of a new authorisation."""
        refresh_token, now = self._app.authorised.get_secret_value(), self._clock()
        sealed = self._history.sealed(TokenPair(refresh_token=refresh_token))
        return zalo_token.authorised(self._known.version, sealed, self._app.fingerprint, now), refresh_token

    def _claimed(self) -> tuple[Version[TokenState], str]:
        """Return what says that we use the refresh token that we have. Raise NoTokenError."""
        known, now = self._known, self._clock()
        if known.version is None or known.pair is None:
            raise NoTokenError("token-unreadable")
        if known.version.state.is_being_renewed(now):
            raise NoTokenError(self.trouble or "token-being-renewed")
        if known.version.state.is_new(now):
            raise NoTokenError("token-not-taken")
        return zalo_token.claimed(known.version, now), known.pair.refresh_token

    async def _exchanged(self, refresh_token: str) -> str:
        """Let Zalo exchange a refresh token for a new pair, and put it on record. Raise NoTokenError; OutageError."""
        since = self._clock()
        got = await self._asked(refresh_token)
        pair = TokenPair(access_token=got.access_token, refresh_token=got.refresh_token)
        self._unsaved = _Unsaved(self._history.sealed(pair), got.seconds, since)
        await self._save()
        self._known = await self._history.newest()
        return got.access_token

    async def _asked(self, refresh_token: str) -> Renewed:
        try:
            answered = renewed(await self._outbound.send(self._app.renewing(refresh_token)))
        except NoAnswerError as error:
            answered = str(error)
        if isinstance(answered, Renewed):
            self.trouble = None
            return answered
        self.trouble = f"token-not-renewed {answered}"
        log(Action.RENEW_FAIL, channel="zalo", detail=answered)
        raise NoTokenError(self.trouble)

    async def _save(self) -> None:
        """Put on record what Zalo gave us, whatever came in between: nothing else is good now. Raise OutageError."""
        for _ in range(_MOST_CONFLICTS):
            if self._unsaved is None or await self._is_saved(self._unsaved):
                self._unsaved = None
                return
        raise OutageError(_CONFLICTS)

    async def _is_saved(self, unsaved: _Unsaved) -> bool:
        """Put a pair on record, and return whether it is: another writer may have been first. Raise OutageError."""
        newest = await self._history.newest()
        if newest.state and newest.state.sealed == unsaved.sealed:
            return True
        version = zalo_token.renewed(newest.version, unsaved.sealed, unsaved.seconds, unsaved.since)
        try:
            await self._history.record(version)
        except ConflictError:
            return False
        return True

    def _fresh_token(self, instead_of: str | None) -> str | None:
        """Return the access token that is known, where it is good, and need not be renewed yet."""
        known, now = self._known, self._clock()
        is_fresh = known.state is not None and known.state.is_fresh(now)
        if is_fresh and known.was_authorised_by(self._app.fingerprint):
            return known.good_token(now, instead_of)
        return None

"""The scopes of users, from the file of integrations, which is read again when it changes."""

import time
from collections.abc import Callable
from pathlib import Path

from shared.integrations import load_integrations, read_integrations, user_of
from shared.logs import Action, log
from shared.messaging.delivery import OPERATOR as OPERATORS_USER
from shared.scopes import ANONYMOUS, NONE, OPERATOR, Scope

#: seconds between two looks at the file; also how old a change must be, unless two looks have found it the same
LOOK_SECONDS = 1.0


class ScopeFile:
    """Knows the scope of a user, and looks at the file at most once in `LOOK_SECONDS`, when it is asked.

    A change that cannot be used leaves the scopes as they were, and a line in the log says why. One that is being
    written is waited for: of half a file, half of the integrations would be unknown, and so answered for good.

    Args:
        file: the file of integrations.
        anonymous: whether who does not say its user may file what `MAY_FILE` lets the anonymous file.
        now: seconds of a clock that only goes on.

    Raises:
        SettingsError: the file cannot be used.
    """

    def __init__(self, file: Path, *, anonymous: bool, now: Callable[[], float] = time.monotonic) -> None:
        self._file = file
        self._now = now
        self._fixed = {None: ANONYMOUS if anonymous else NONE, OPERATORS_USER: OPERATOR}
        self._seen = self._taken = file.read_bytes() if file.is_file() else b""
        self._scopes = {user_of(name): each.scope for name, each in load_integrations(file).items()}
        self._fault = ""
        self._looked_at = now()

    def of(self, user: str | None) -> Scope:
        """Return the scope of a user as the broker has checked it; None: the message does not say."""
        if self._now() - self._looked_at >= LOOK_SECONDS:
            self._looked_at = self._now()
            self._look()
        return self._fixed.get(user) or self._scopes.get(user or "", NONE)

    def _look(self) -> None:
        try:
            content, age_seconds = self._file.read_bytes(), time.time() - self._file.stat().st_mtime
        except OSError as error:
            self._say(f"{error.strerror}")
            return
        settled = content == self._seen or abs(age_seconds) > LOOK_SECONDS
        self._seen = content
        if content == self._taken:
            self._fault = ""
        elif settled:
            self._take(content)

    def _take(self, content: bytes) -> None:
        try:
            integrations = read_integrations(content)
        except ValueError as error:
            self._say(str(error).splitlines()[0].removeprefix(": "))
            return
        self._taken, self._fault = content, ""
        self._scopes = {user_of(name): each.scope for name, each in integrations.items()}
        log(Action.RELOAD, file=str(self._file), integrations=len(integrations))

    def _say(self, fault: str) -> None:
        """Say once why the file is of no use."""
        if fault != self._fault:
            self._fault = fault
            log(Action.RELOAD_FAIL, file=str(self._file), reason=fault)

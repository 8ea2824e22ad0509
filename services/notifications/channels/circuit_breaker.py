"""Decide: whether a server that does not answer is asked again already."""

#: Requests in a row that timed out, after which a server is spared.
TIMED_OUT = 3
#: seconds; while a server is spared, it is asked once in so long
SPARED_SECONDS = 30.0


class CircuitBreaker:
    """Knows whether a server answers, so that one which hangs holds up no deliveries to others.

    Times are seconds of a clock that only goes on.
    """

    def __init__(self) -> None:
        self._timed_out = 0
        self._asked_at = 0.0

    def lets_through(self, now: float) -> bool:
        """Return whether the server may be asked now, and take it that it is."""
        if self._timed_out >= TIMED_OUT and now - self._asked_at < SPARED_SECONDS:
            return False
        self._asked_at = now
        return True

    def note(self, *, timed_out: bool) -> None:
        """Note what came of asking it."""
        self._timed_out = self._timed_out + 1 if timed_out else 0

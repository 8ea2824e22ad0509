"""`ocop dead discard`: discards dead letters for good, each put on record with the reason before it goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TextIO

from aio_pika.abc import AbstractIncomingMessage

from ops.broker_access import Access, connected
from ops.dead_letters.message import DeadMessage
from ops.dead_letters.selection import Selection, act_on, exit_code_of
from ops.named import one_line
from ops.operator_log import log_act


async def discard_messages(
    access: Access,
    selection: Selection,
    *,
    why: str,
    logs: Sequence[TextIO],
    only: frozenset[str] | None,
    as_json: bool,
) -> int:
    """Discard the selected dead letters. Return the exit code: 1 where an id was not found."""
    discarder = _Discarder(logs, access.user, one_line(why))
    async with connected(access, name="ocop dead discard") as connection:
        tally = await act_on(connection, selection, discarder.discard, only=only)
    return exit_code_of(tally, selection, "discarded", as_json=as_json)


@dataclass(frozen=True)
class _Discarder:
    """Writes one line of JSON for each dead letter that is discarded, with nothing of its body."""

    logs: Sequence[TextIO]
    user: str
    why: str

    async def discard(self, dead: DeadMessage, _: AbstractIncomingMessage) -> bool:
        """Log that a dead letter is discarded; it may go once that is on disk."""
        log_act(self.logs, action="discard", event="discarded", operator=self.user, why=self.why, **self._of(dead))
        return True

    @staticmethod
    def _of(dead: DeadMessage) -> dict[str, object]:
        return {
            "queue": dead.queue,
            "event_id": dead.id,
            "source": dead.source,
            "type": dead.type,
            "reason": dead.reason,
            "failed_at": dead.failed_at,
            "filed_by": dead.filed_by,
            "size_bytes": dead.size_bytes,
            "sha256": dead.sha256,
        }

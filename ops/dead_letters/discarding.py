"""Discards dead letters, for a reason, which is written down before they go."""

import json
import os
import stat
from collections.abc import Sequence
from typing import TextIO

from aio_pika.abc import AbstractIncomingMessage

from ops.dead_letters.letter import DeadLetter
from ops.named import one_line
from shared.clock import Clock


class Discarder:
    """Writes one line of JSON for each dead letter that is discarded, and none of its body."""

    def __init__(self, records: Sequence[TextIO], *, user: str, why: str, clock: Clock) -> None:
        self._records = records
        self._user = user
        self._why = one_line(why)
        self._clock = clock

    async def discard(self, letter: DeadLetter, _: AbstractIncomingMessage) -> bool:
        """Write down that a dead letter is discarded; it may go once that is on disk."""
        line = json.dumps(self._record(letter), ensure_ascii=False)
        for record in self._records:
            record.write(f"{line}\n")
            record.flush()
            if stat.S_ISREG(os.fstat(record.fileno()).st_mode):  # a terminal or a pipe has no disk
                os.fsync(record.fileno())
        return True

    def _record(self, letter: DeadLetter) -> dict[str, object]:
        return {
            "timestamp": self._clock().isoformat(),
            "level": "warning",
            "event": "discarded",
            "action": "discard",
            "operator": self._user,
            "why": self._why,
            "queue": letter.queue,
            "event_id": letter.id,
            "source": letter.source,
            "type": letter.type,
            "reason": letter.reason,
            "failed_at": letter.failed_at.isoformat() if letter.failed_at else None,
            "filed_by": letter.filed_by,
            "size_bytes": letter.size_bytes,
            "sha256": letter.sha256,
        }

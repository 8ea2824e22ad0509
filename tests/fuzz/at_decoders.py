"""Throws mutated messages at the decoders and counts what became of them."""

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from tests.fuzz.corpus import valid_messages
from tests.fuzz.decoders import CODES, outcome
from tests.fuzz.kinds.harmless import HARMLESS
from tests.fuzz.mutations import ALWAYS_REFUSED, Mutated, stream

#: One message in so many goes through everything that follows from it, down to the mail.
_TO_THE_END_EVERY = 8
_PROGRESS_EVERY = 10_000


@dataclass
class Summary:
    """What became of the messages: by outcome, by mutation and outcome, and what did not hold."""

    messages: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    by_mutation: Counter[tuple[str, str]] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    def add(self, mutated: Mutated, became: str) -> None:
        """Count one message."""
        self.messages += 1
        first, *answers = became.split("/")
        self.outcomes["/".join((first, *answers[:1]))] += 1
        fate = "refused" if CODES & {first, *answers} else "read"
        self.by_mutation.update((name, fate) for name in set(mutated.names))

    def lines(self) -> list[str]:
        """Return the summary as text."""
        names = sorted({name for name, _ in self.by_mutation})
        return [
            f"{'mutation':30}{'read':>10}{'refused':>10}",
            *(f"{n:30}{self.by_mutation[n, 'read']:>10}{self.by_mutation[n, 'refused']:>10}" for n in names),
            "",
            f"{'what became of them':50}",
            *(f"{became:40}{count:>10}" for became, count in self.outcomes.most_common()),
            "",
            *self.failures,
            f"{self.messages} messages, {len(self.failures)} failures",
        ]


def throw(count: int, seed: int, say: Callable[[str], None] = lambda _: None) -> Summary:
    """Throw that many messages of this seed, and return what became of them. Nothing that happens ends the run."""
    summary = Summary()
    for number, mutated in enumerate(islice(stream(seed, valid_messages()), count)):
        to_the_end = number % _TO_THE_END_EVERY == 0
        try:
            became = outcome(mutated.message, to_the_end=to_the_end)
            _is_as_named(mutated, became, to_the_end=to_the_end)
        except Exception:  # noqa: BLE001  # whatever comes out, it was not declared
            summary.failures.append(
                f"seed {seed}, message {number}, {mutated.names}:\n{traceback.format_exc(limit=-3)}"
            )
            became = "failed"
        summary.add(mutated, became)
        if summary.messages % _PROGRESS_EVERY == 0:
            say(f"{summary.messages} messages at the decoders, {len(summary.failures)} failures")
    return summary


def _is_as_named(mutated: Mutated, became: str, *, to_the_end: bool) -> None:
    if set(mutated.names) <= set(HARMLESS):
        assert became == outcome(mutated.valid, to_the_end=to_the_end), "harmless, and has another outcome"
    if len(mutated.names) == 1 and mutated.names[0] in ALWAYS_REFUSED:
        assert became in CODES, "must be refused"

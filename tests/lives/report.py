"""What a run has shown, as Markdown."""

from collections.abc import Iterator

from tests.lives.run import Result

#: Differences that are told; the rest are counted.
MAX_LISTED = 20


def report(result: Result) -> str:
    """Return the whole report."""
    return "\n".join(_lines(result)) + "\n"


def _lines(result: Result) -> Iterator[str]:
    plan = result.plan
    differences = f"{len(result.differences)} differences" if result.differences else "No difference"
    yield f"# Random lives, seed {plan.seed}"
    yield ""
    yield f"**{differences} from the law as the oracle has it.**"
    yield ""
    yield f"- Lives: {plan.lives:,}, each up to {plan.years} years, in {result.seconds:.0f} s"
    yield f"- Filings: {result.filings:,}, sent {result.messages:,} times, {result.repeated_later:,} of them much later"
    yield f"- Events that followed: {result.events:,}"
    yield f"- Services killed (SIGKILL): {result.kills}"
    for each in result.differences[:MAX_LISTED]:
        yield from ("", "```", each, "```")
    if len(result.differences) > MAX_LISTED:
        yield f"\nAnd {len(result.differences) - MAX_LISTED} more."

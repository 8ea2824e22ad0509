"""Results as Markdown tables, with what each figure is measured against."""

from collections.abc import Iterable, Sequence

from benchmarks.channels import Mails
from benchmarks.contestants import OURS
from benchmarks.councils import Councils
from benchmarks.growth import Instances, Stored, Stretch
from benchmarks.latency import Latency, percentile
from benchmarks.reading import Reading
from benchmarks.registries import Registries
from benchmarks.reports import Asked
from benchmarks.scoring import Scoring, Timed
from benchmarks.search import Answered
from benchmarks.start import Starts
from benchmarks.throughput import Throughput

_MEBIBYTE = 2**20
#: Names that are no worker of a contestant.
_COMMON = ("RabbitMQ", "SecantusDB", "benchmark")
#: Dossiers, ten of which are beyond the p99.9.
_FOR_P999 = 10_000


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are figures."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def throughput_table(measured: Sequence[Throughput]) -> str:
    """Return the dossiers a second of each contestant, and how ours compares."""
    ours = next((each for each in measured if each.contestant is OURS), None)
    return table(
        ("", "dossiers/s, median", "slowest", "fastest", "rounds", "dossiers", "ours / this one"),
        (
            (
                each.contestant.title,
                f"{each.median:,.1f}",
                f"{each.slowest:,.1f}",
                f"{each.fastest:,.1f}",
                str(len(each.rounds)),
                f"{sum(round.dossiers for round in each.rounds):,}",
                f"{ours.median / each.median:.2f}" if ours else "",
            )
            for each in measured
        ),
    )


def cost_table(measured: Sequence[Throughput]) -> str:
    """Return CPU milliseconds a dossier: the three steps, broker, database, and their sum."""
    rows = []
    for each in measured:
        spent = each.cpu_milliseconds()
        steps = [spent[name] for name in spent if name not in _COMMON]
        row = [*steps, spent.get("RabbitMQ", 0), spent.get("SecantusDB", 0)]
        rows.append((each.contestant.title, *(f"{value:.2f}" for value in (*row, sum(row)))))
    return table(("CPU ms/dossier", "step 1", "step 2", "step 3", "RabbitMQ", "SecantusDB", "sum"), rows)


def memory_table(measured: Sequence[Throughput]) -> str:
    """Return MiB resident of each worker, idle and after the last round."""
    return table(
        ("MiB resident, idle → loaded", "step 1", "step 2", "step 3"),
        (
            (
                each.contestant.title,
                *(
                    f"{_mebibytes(each.idle_bytes[name])} → {_mebibytes(each.rounds[-1].resident_bytes[name])}"
                    for name in each.idle_bytes
                    if name not in _COMMON
                ),
            )
            for each in measured
        ),
    )


def latency_table(measured: Sequence[Latency]) -> str:
    """Return the milliseconds from due to alert, over all stretches; in brackets a stretch's lowest and highest."""
    ours = {each.offered: each for each in measured if each.contestant is OURS}
    return table(
        (
            "",
            "offered/s",
            "handled/s",
            "dossiers",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "worst ms",
            "p50: ours / this one",
            "p99: ours / this one",
            "CPU ms/dossier",
        ),
        (
            (
                each.contestant.title,
                f"{each.offered:,.1f}",
                f"{each.handled:,.1f}",
                f"{each.dossiers:,}",
                _with_range(each, 0.5),
                _with_range(each, 0.99),
                # of fewer than ten dossiers beyond it, nothing can be said
                f"{each.percentile(0.999):,.1f}" if each.dossiers >= _FOR_P999 else "–",
                f"{each.percentile(1):,.1f}",
                *(_against(ours.get(each.offered), each, share) for share in (0.5, 0.99)),
                f"{each.cpu_milliseconds:.1f}",
            )
            for each in sorted(measured, key=lambda each: -each.offered)
        ),
    )


def _against(ours: Latency | None, other: Latency, share: float) -> str:
    return f"{ours.percentile(share) / other.percentile(share):.2f}" if ours else ""


def _with_range(each: Latency, share: float) -> str:
    low, high = each.range(share)
    return f"{each.percentile(share):,.1f} ({low:,.1f}-{high:,.1f})"


def stored_table(measured: Sequence[Stored]) -> str:
    """Return throughput and latency by products in the register."""
    first = measured[0].throughput.median
    return (
        table(
            (
                "products",
                "in the end",
                "dossiers/s, median",
                "slowest",
                "fastest",
                "against the first",
                "p50 ms",
                "p99 ms",
            ),
            (
                (
                    f"{each.products:,}",
                    f"{each.in_the_end:,}",
                    *_rates(each.throughput),
                    f"{each.throughput.median / first:.0%}",
                    _with_range(each.latency, 0.5),
                    _with_range(each.latency, 0.99),
                )
                for each in measured
            ),
        )
        + f"\nLatency at {measured[0].latency.offered:.1f} dossiers/s.\n"
    )


def backlog_table(measured: Sequence[Stretch]) -> str:
    """Rate and memory at each tenth of the backlog."""
    names = [name for name in measured[0].resident_bytes if name != "benchmark"]
    return table(
        ("alerted", "dossiers/s", *(f"{name}, MiB" for name in names)),
        (
            (f"{each.alerted:,}", f"{each.rate:,.1f}", *(_mebibytes(each.resident_bytes[name]) for name in names))
            for each in measured
        ),
    )


def instances_table(measured: Sequence[Instances]) -> str:
    """Return throughput by instances of each service."""
    first = measured[0].throughput.median
    return table(
        ("instances of each", "dossiers/s, median", "slowest", "fastest", "against the first"),
        ((str(each.count), *_rates(each.throughput), f"{each.throughput.median / first:.0%}") for each in measured),
    )


def councils_table(measured: Councils) -> str:
    """Return how long a council's session took, from its filing to the last result."""
    cards = measured.products * measured.members
    seconds = (measured.median, min(measured.seconds), max(measured.seconds))
    row = (f"{measured.products} products, {measured.members} members", f"{cards:,}", *(f"{s:.2f}" for s in seconds))
    return table(("", "cards at once", "s to the last result, median", "fastest", "slowest"), [row])


def channels_table(measured: Sequence[Mails]) -> str:
    """Return how long mails took, alone and beside deliveries to a receiver that hangs."""
    alone = measured[0]
    return table(
        ("deliveries that hang", "mails a second", "ms to a mail's arrival, median", "against alone"),
        (
            (f"{each.waiting:,}", f"{each.rate:.1f}", f"{each.median * 1000:.1f}", f"{each.median / alone.median:.2f}")
            for each in measured
        ),
    )


def registries_table(measured: Sequence[Registries]) -> str:
    """Return throughput and the longest wait by registries, each against one registry on as many communes."""
    alone = {each.communes: each for each in reversed(measured)}
    return table(
        (
            "communes",
            "registries",
            "dossiers/s, median",
            "slowest",
            "fastest",
            "against one",
            "longest, s",
            "against one",
        ),
        (
            (
                f"{each.communes}",
                f"{each.registries}",
                *(f"{rate:,.1f}" for rate in (each.median, min(each.rates), max(each.rates))),
                f"{each.median / alone[each.communes].median:.2f}",
                f"{each.longest_seconds:.2f}",
                f"{each.longest_seconds / alone[each.communes].longest_seconds:.2f}",
            )
            for each in measured
        ),
    )


def reports_table(asked: Sequence[Asked]) -> str:
    """Return how long each question took, its times in milliseconds."""
    return table(
        ("question", "of", "median ms", "of it computing", "slowest", "fastest", "times"),
        (
            (
                each.question,
                each.scope,
                *(f"{percentile(times, 0.5):.0f}" if times else "" for times in (each.milliseconds, each.computing)),
                *(f"{value:.0f}" for value in (max(each.milliseconds), min(each.milliseconds))),
                str(len(each.milliseconds)),
            )
            for each in asked
        ),
    )


def search_table(answered: Sequence[Answered]) -> str:
    """Return how long each question took, its times in milliseconds."""
    return table(
        ("question", "products on the page", "median ms", "slowest", "fastest", "times"),
        (
            (
                each.question,
                str(each.products),
                *(f"{value:.1f}" for value in (percentile(each.milliseconds, 0.5), max(each.milliseconds))),
                f"{min(each.milliseconds):.1f}",
                str(len(each.milliseconds)),
            )
            for each in answered
        ),
    )


def scoring_table(measured: Scoring) -> str:
    """Return ratings and advice a second, on one core."""
    rows = (("ratings", measured.ratings), ("advice", measured.advice))
    return table(
        ("one core", "a second", "calls", "p50 ms", "p99 ms", "p99.9 ms"), (_timed_row(*each) for each in rows)
    )


def _timed_row(name: str, timed: Timed) -> tuple[str, ...]:
    figures = (f"{timed.percentile(share):.3f}" for share in (0.5, 0.99, 0.999))
    return (name, f"{timed.per_second:,.0f}", f"{len(timed.milliseconds):,}", *figures)


def reading_table(measured: Sequence[Reading]) -> str:
    """Return microseconds of CPU a message, by kind of event, and of what they are the sum."""
    return table(
        ("CPU µs", "bytes", "opened", "contract", "key", "sum"),
        (
            (
                each.kind,
                f"{each.bytes:,}",
                *(f"{us:.1f}" for us in (each.opened, each.validated, each.keyed, each.total)),
            )
            for each in measured
        ),
    )


def start_table(measured: Sequence[Starts]) -> str:
    """Return the seconds from the command to ready."""
    return table(
        ("seconds to ready", "median", "fastest", "slowest", "starts"),
        (
            (
                each.service,
                *(f"{value:.2f}" for value in (percentile(each.seconds, 0.5), min(each.seconds), max(each.seconds))),
                str(len(each.seconds)),
            )
            for each in measured
        ),
    )


def _rates(measured: Throughput) -> tuple[str, str, str]:
    return f"{measured.median:,.1f}", f"{measured.slowest:,.1f}", f"{measured.fastest:,.1f}"


def _mebibytes(size: int) -> str:
    return f"{size / _MEBIBYTE:,.0f}"

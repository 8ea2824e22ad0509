"""The day of the country as Markdown."""

from collections.abc import Mapping

from benchmarks.country.measured import GENERATOR, Country, gives_first
from benchmarks.latency import percentile
from benchmarks.tables import table

_MEBIBYTE = 2**20


def country_tables(measured: Country) -> tuple[str, ...]:
    """Return what was played, how long each stretch took, what gives first, waits, and what the processes used."""
    return _said(measured), _stretches(measured), _limits(measured), _waits(measured), _processes(measured)


def _said(measured: Country) -> str:
    day, whole = measured.day, "the whole day" if measured.share == 1 else f"{measured.share:g} of the day"
    arrived = ", ".join(f"{count:,} by {channel}" for channel, count in measured.arrived.items())
    return (
        f"{whole.capitalize()} on paper: {day.products:,} products, {day.dossiers:,} dossiers of {day.rounds:,} "
        f"rounds, {day.sessions} sessions with {day.cards:,} cards, {day.judged:,} recognitions, "
        f"{day.milestones:,} milestones; {day.filings:,} filings, {day.events:,} events, {day.alerts:,} alerts. "
        f"Arrived: {arrived}.\n\n"
        f"It took {measured.seconds:,.1f} s: {measured.days_a_day:,.0f} whole days in 24 hours on {measured.cores} "
        f"cores, with the load generator on them; by the CPU that the services and their servers used, "
        f"{measured.days_without_generator:,.0f} without it.\n"
    )


def _stretches(measured: Country) -> str:
    names = list(measured.cpu_seconds)
    return table(
        (
            "stretch",
            "s",
            "events",
            "alerts",
            "longest queue",
            "after s",
            *(f"CPU s {name}" for name in names),
            "others",
        ),
        (
            (
                each.name,
                f"{each.seconds:,.1f}",
                f"{each.events:,}",
                f"{each.alerts:,}",
                f"{each.longest.queue} {each.longest.messages:,}" if each.longest else "–",
                f"{each.longest.after_seconds:.0f}" if each.longest else "–",
                *(f"{each.cpu_seconds.get(name, 0):.1f}" for name in names),
                f"{each.others_seconds:.1f}",
            )
            for each in measured.stretches
        ),
    )


def _limits(measured: Country) -> str:
    lines = (f"- {each.name}: {gives_first(each, measured.cores)}\n" for each in measured.stretches)
    return "What gives first:\n\n" + "".join(lines)


def _waits(measured: Country) -> str:
    return table(
        ("seconds until", "median", "p99", "longest", "of"),
        (
            (
                name,
                *(f"{percentile(seconds, share):.2f}" for share in (0.5, 0.99, 1)),
                f"{len(seconds):,}",
            )
            for name, seconds in measured.waits.items()
        ),
    )


def _processes(measured: Country) -> str:
    total = sum(measured.cpu_seconds.values())
    return table(
        ("process", "CPU s", "of all", "MiB resident at most", "MiB written to disk"),
        (
            (
                "load generator and receivers" if name == GENERATOR else name,
                f"{used:,.1f}",
                f"{used / total:.0%}",
                _mebibytes(measured.resident_bytes, name),
                _mebibytes(measured.written_bytes, name),
            )
            for name, used in measured.cpu_seconds.items()
        ),
    )


def _mebibytes(sizes: Mapping[str, int], name: str) -> str:
    return f"{sizes.get(name, 0) / _MEBIBYTE:,.0f}"

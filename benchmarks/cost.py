"""What processes cost: CPU time and resident memory, read from /proc, by session of the processes."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.stack.leftovers import marked_processes

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")

#: What a command line says of the servers of a stack.
_SERVERS = {"beam.smp": "RabbitMQ", "secantus": "SecantusDB"}


#: The process that measures, and that files the dossiers of most.
OWN = "benchmark"


@dataclass(frozen=True)
class Usage:
    """CPU seconds used and bytes resident at one moment, by name of the process; children count to their parent.

    Pages that a parent and its children share are counted for each of them.
    """

    cpu_seconds: Mapping[str, float]
    resident_bytes: Mapping[str, int]

    def cpu_since(self, earlier: "Usage") -> dict[str, float]:
        """Return the CPU seconds that each name used since then."""
        return {name: used - earlier.cpu_seconds.get(name, 0.0) for name, used in self.cpu_seconds.items()}


def without_own(spent: Mapping[str, float]) -> float:
    """Return what all processes but this one have spent."""
    return sum(each for name, each in spent.items() if name != OWN)


def servers_of(folder: Path) -> dict[int, str]:
    """Return session → name of the broker and the database that run in a stack's folder."""
    return {
        os.getsid(pid): name
        for pid in marked_processes(folder)
        for sign, name in _SERVERS.items()
        if sign in _command(pid)
    }


def usage(sessions: Mapping[int, str]) -> Usage:
    """Measure the processes of these sessions, and this one as `OWN`."""
    cpu: Counter[str] = Counter()
    resident: Counter[str] = Counter()
    for pid, session, ticks, pages in _processes():
        if name := OWN if pid == os.getpid() else sessions.get(session):
            cpu[name] += ticks
            resident[name] += pages
    return Usage(
        {name: ticks / _TICKS_PER_SECOND for name, ticks in cpu.items()},
        {name: pages * _PAGE_BYTES for name, pages in resident.items()},
    )


def machine_busy_seconds() -> float:
    """Return the CPU seconds for which the machine's cores were not idle since its start, whoever used them."""
    of_all_cores = [int(ticks) for ticks in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle, waiting_for_disk = of_all_cores[3:5]
    return (sum(of_all_cores) - idle - waiting_for_disk) / _TICKS_PER_SECOND


def written_bytes(sessions: Mapping[int, str]) -> dict[str, int]:
    """Return the bytes that the running processes of these sessions have sent to the disk, by name."""
    written: Counter[str] = Counter()
    for pid, session, _, _ in _processes():
        if name := sessions.get(session):
            written[name] += _written(pid)
    return dict(written)


def _written(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    except OSError:  # gone meanwhile, or not ours
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("write_bytes"))


def _processes() -> Iterator[tuple[int, int, int, int]]:
    """Return process id, session, ticks of CPU (its own and those of children that ended) and resident pages."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        yield int(entry.name), int(fields[3]), sum(map(int, fields[11:15])), int(fields[21])


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""

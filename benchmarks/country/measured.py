"""What a day of the country came to: its stretches, and what gives first, worked out from what was measured."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmarks.country.paper import Day

#: Seconds of a day.
A_DAY = 86_400
#: Who makes the load and takes the alerts: no part of what is measured, though it has its share of the machine.
GENERATOR = "benchmark"
#: The server that uses as many cores as there are; each of the others is one interpreter, which computes on one.
_ON_ALL_CORES = frozenset({"RabbitMQ"})
#: The share from which on something is taken to be full, and from which on other work is worth a word.
_FULL, _NOTABLE = 0.9, 0.05


@dataclass(frozen=True)
class Backlog:
    """Messages that waited in a queue, at the most, and after how many seconds of the stretch."""

    queue: str
    messages: int
    after_seconds: float


@dataclass(frozen=True)
class Stretch:
    """A part of the day: how long it took, and what was done.

    `cpu_seconds` are by process, `others_seconds` those of whatever else ran on the machine. `longest` is the longest
    queue, `waited` the seconds that messages waited in each, all together.
    """

    name: str
    seconds: float
    events: int
    alerts: int
    cpu_seconds: Mapping[str, float]
    others_seconds: float
    longest: Backlog | None
    waited: Mapping[str, float]


@dataclass(frozen=True)
class Limit:
    """What gives first: its name, its share in use, who uses most of it, and where work waits most meanwhile.

    `others` is the share that was other work's, on a machine that was not ours alone.
    """

    what: str
    share: float
    most: str
    queue: str | None
    others: float = 0.0

    def __str__(self) -> str:
        others = f", {self.others:.0%} by other work on the machine" if self.others >= _NOTABLE else ""
        waits = f"; most work waits in {self.queue}" if self.queue else ""
        return f"{self.what}, {self.share:.0%} in use{others}, most of the rest by {self.most}{waits}"


@dataclass(frozen=True)
class Country:
    """A day as it was played, on so many cores."""

    day: Day
    share: float
    cores: int
    stretches: Sequence[Stretch]
    #: seconds, by what was waited for
    waits: Mapping[str, Sequence[float]]
    #: at the most, by process
    resident_bytes: Mapping[str, int]
    #: to disk, by process
    written_bytes: Mapping[str, int]
    arrived: Mapping[str, int]

    @property
    def seconds(self) -> float:
        """How long the day took."""
        return sum(each.seconds for each in self.stretches)

    @property
    def cpu_seconds(self) -> dict[str, float]:
        """CPU seconds of the day by process."""
        names = dict.fromkeys(name for each in self.stretches for name in each.cpu_seconds)
        return {name: sum(each.cpu_seconds.get(name, 0) for each in self.stretches) for name in names}

    @property
    def days_a_day(self) -> float:
        """How many whole days of the country this machine does in a day."""
        return A_DAY / self.seconds * self.share

    @property
    def days_without_generator(self) -> float:
        """The same, were all its cores the servers' and services', and all in use: what the CPU alone would allow."""
        used = sum(used for name, used in self.cpu_seconds.items() if name != GENERATOR)
        return A_DAY * self.cores / used * self.share


def gives_first(stretch: Stretch, cores: int) -> Limit:
    """Return what is full in a stretch, the whole machine before a process; else what is nearest to it.

    A process other than the broker counts against one core.
    """
    queue = max(stretch.waited, key=lambda name: stretch.waited[name]) if any(stretch.waited.values()) else None
    whole = cores * stretch.seconds
    others = stretch.others_seconds / whole
    machine = sum(stretch.cpu_seconds.values()) / whole + others
    name, used = max(stretch.cpu_seconds.items(), key=lambda each: each[1] / _cores_of(each[0], cores))
    process = used / (_cores_of(name, cores) * stretch.seconds)
    most = max(stretch.cpu_seconds, key=lambda name: stretch.cpu_seconds[name])
    if machine >= _FULL:
        return Limit(f"the machine's {cores} cores", machine, most, queue, others)
    if process >= _FULL:
        return Limit("one core, all that a process can use", process, name, queue)
    return Limit(f"none of the {cores} cores: each waits for the others", machine, most, queue, others)


def _cores_of(name: str, cores: int) -> int:
    return cores if name in _ON_ALL_CORES else 1

"""When what happens: legs of the stream with their faults, made from a seed."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from shared.system import SYSTEM
from tests.faults.faults import Break, ConnectionFault, Fault, Repeat, Step, Strike
from tests.faults.system import INSTANCES

#: seconds that a fault lasts: mostly short, so that many fit
SHORT_SECONDS = (0.1, 0.5, 1.0, 2.0)
#: seconds; longer than two heartbeats, and than the timeout of the database's driver
LONG_SECONDS = 25.0
#: seconds that the messages of a leg take
LEG_SECONDS = (0.2, 3.0)

_CONNECTION_FAULTS: tuple[ConnectionFault, ...] = ("cut", "half-close", "drop", "delay")

_REGISTRIES = tuple(f"registry-{number}" for number in range(1, INSTANCES + 1))

#: How often each node of a cluster is killed, for once that anything else happens.
CLUSTER_KILLS = 3


@dataclass(frozen=True)
class Leg:
    """A stretch of the stream: how long its messages take, and what happens meanwhile, each at its moment."""

    seconds: float
    faults: tuple[tuple[float, Fault], ...]


class Schedule:
    """Legs from a seed; each kind of fault comes once before any comes again.

    `long_share` is how many of the faults, of 1, last long.
    """

    def __init__(self, seed: int, *, nodes: int = 1, long_share: float = 0.0) -> None:
        self._random = random.Random(f"schedule {seed}")
        self._nodes = nodes
        self._long_share = long_share
        self._instances = [f"{service}-{number}" for service in SYSTEM.names for number in range(1, INSTANCES + 1)]

    def legs(self, faults: int) -> Iterator[Leg]:
        """Return legs with so many faults altogether; one in four has two at once."""
        deck: list[Fault] = []
        while faults > 0:
            deck = deck or self._deck()
            together = [deck.pop()]
            if deck and faults > 1 and type(deck[-1]) is not type(together[0]) and self._random.random() < 0.5:
                together.append(deck.pop())
            faults -= len(together)
            seconds = self._random.uniform(*LEG_SECONDS)
            yield Leg(seconds, tuple((self._random.uniform(0, seconds), fault) for fault in together))

    def _deck(self) -> list[Fault]:
        """Every kind of fault once, in any order; each node of a cluster is killed more often."""
        nodes = [f"broker-{number}" for number in range(1, self._nodes + 1)]
        killed_nodes = nodes * (CLUSTER_KILLS if self._nodes > 1 else 1)
        services = [f"{service}-{self._random.randint(1, INSTANCES)}" for service in SYSTEM.names]
        frozen = self._random.choice([*nodes, *services, "database"])
        deck: list[Fault] = [
            *(
                Strike("kill", server, self._seconds())
                for server in (*killed_nodes, *services, "database", "mail-server")
            ),
            *(self._broken("broker", fault) for fault in _CONNECTION_FAULTS),
            *(self._broken("database", fault) for fault in _CONNECTION_FAULTS),
            Strike("stop", self._random.choice(services), self._seconds()),
            Strike("freeze", frozen, self._seconds()),
            Repeat(self._random.randint(1, 20)),
            Step(_REGISTRIES, self._seconds()),
            Step(self._random.choice([*((each,) for each in _REGISTRIES), _REGISTRIES]), None),
        ]
        self._random.shuffle(deck)
        return deck

    def _broken(self, server: Literal["broker", "database"], fault: ConnectionFault) -> Break:
        everybody = (*self._instances, "portal") if server == "broker" else tuple(self._instances)
        clients = self._random.choice([everybody, (self._random.choice(everybody),)])
        seconds = 0.0 if fault == "half-close" else self._seconds()  # what is half closed, nobody can open again
        return Break(fault, clients, server, seconds, self._random.choice(("client", "server")))

    def _seconds(self) -> float:
        return LONG_SECONDS if self._random.random() < self._long_share else self._random.choice(SHORT_SECONDS)

"""The best choice of so many topics: which lift the most products together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import comb

from ops.reports.mastery import Distance

#: Choices that are all gone through; where there are more, topics are taken one by one.
EXACT_CHOICES = 1_000


@dataclass(frozen=True)
class Choice:
    """Topics by their places, in the order in which they were taken, and how many products they lift together.

    `is_exact`: every choice of so many was gone through, and none lifts more.
    """

    topics: tuple[int, ...]
    lifted: int
    is_exact: bool = True


def best_choice(distances: Mapping[Distance, int], number_of_topics: int, size: int) -> Choice:
    """Return the choice of so many topics that lifts the most products; of equal ones the first.

    `distances` has how many products stand at each. Where there are over `EXACT_CHOICES`, the topic that lifts the most
    is taken, then the one that lifts the most beside it, and so on: that may not be the best choice.
    """
    if comb(number_of_topics, size) <= EXACT_CHOICES:
        choices = [(lifted(distances, chosen), chosen) for chosen in combinations(range(number_of_topics), size)]
        most, best = max(choices, key=lambda each: each[0])
        return Choice(best, most)
    taken: tuple[int, ...] = ()
    for _ in range(size):
        left = (each for each in range(number_of_topics) if each not in taken)
        taken = max(((*taken, each) for each in left), key=lambda chosen: lifted(distances, chosen))
    return Choice(taken, lifted(distances, taken), is_exact=False)


def lifted(distances: Mapping[Distance, int], chosen: Iterable[int]) -> int:
    """Return how many products these topics lift."""
    bits = bits_of(chosen)
    return sum(number for distance, number in distances.items() if distance.is_closed_by(bits))


def smallest_that_lifts(distance: Distance, among: Iterable[int]) -> tuple[int, ...]:
    """Return the fewest of these topics that lift a product, of equal ones the first; none where all do not."""
    topics = tuple(among)
    for size in range(1, len(topics) + 1):
        for chosen in combinations(topics, size):
            if distance.is_closed_by(bits_of(chosen)):
                return chosen
    return ()


def bits_of(chosen: Iterable[int]) -> int:
    """Return topics as a bit each."""
    return sum(1 << topic for topic in chosen)

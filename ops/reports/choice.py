"""The best choice of so many topics: which lift the most products together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb

#: Choices that are all gone through; where there are more, topics are taken one by one.
EXACT_CHOICES = 1_000

#: How many products some topics lift together.
Lifted = Callable[[Sequence[int]], int]


@dataclass(frozen=True)
class Choice:
    """Topics by their places, in the order in which they were taken, and how many products they lift together.

    `is_exact`: every choice of so many was gone through, and none lifts more.
    """

    topics: tuple[int, ...]
    lifted: int
    is_exact: bool = True


def best_choices(lifted: Lifted, number_of_topics: int) -> list[Choice]:
    """Return the best choice of one topic, of two, and so on to all: one more never lifts fewer."""
    found: list[Choice] = []
    for size in range(1, number_of_topics + 1):
        found.append(best_choice(lifted, number_of_topics, size, found[-1].topics if found else ()))
    return found


def best_choice(lifted: Lifted, number_of_topics: int, size: int, before: tuple[int, ...] = ()) -> Choice:
    """Return the choice of so many topics that lifts the most products; of equal ones the first.

    `lifted` says how many some topics lift. Where there are over `EXACT_CHOICES`, the topic that lifts the most beside
    those chosen before, fewer ones, is taken, then the next such, and so on: that may not be the best choice.
    """
    if comb(number_of_topics, size) <= EXACT_CHOICES:
        choices = [(lifted(chosen), chosen) for chosen in combinations(range(number_of_topics), size)]
        most, best = max(choices, key=lambda each: each[0])
        return Choice(best, most)
    taken = before
    while len(taken) < size:
        left = (each for each in range(number_of_topics) if each not in taken)
        taken = max(((*taken, each) for each in left), key=lifted)
    return Choice(taken, lifted(taken), is_exact=False)

"""Dossiers to file: the examples of `examples/dossiers`, each as a new product of a new producer in another commune."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from services.registry.units import COMMUNES
from shared.clock import system_clock
from tools.examples import load_examples

#: The CloudEvents `source` under which all benchmarks file.
SOURCE = "/ocop/benchmarks"


@dataclass(frozen=True)
class BenchmarkDossier:
    """One dossier and the event id under which it is filed."""

    id: str
    dossier: dict[str, Any]


def new_filings(seed: int, run: str, *, communes: Sequence[int] = ()) -> Iterator[BenchmarkDossier]:
    """Return filings without end, the same for the same seed; those of another `run` are the same under other names.

    Communes are drawn from all that are in force, unless some are given, since the registry gives the serial numbers of
    one commune one after the other.
    """
    draw = random.Random(seed)  # noqa: S311  # repeatable, not secret
    communes = communes or sorted(COMMUNES)
    examples = acceptable_examples()
    for number in count(1):
        commune = draw.choice(communes)
        place = {"province_code": f"{COMMUNES[commune].province_code:02}", "commune_code": f"{commune:05}"}
        yield BenchmarkDossier(
            f"{run}-{seed}-{number}", _renewed(draw.choice(examples), place, f"{run}-{seed}-{number}")
        )


def acceptable_examples() -> list[dict[str, Any]]:
    """Return the example dossiers that register a product for the first time and are accepted."""
    examples = load_examples(system_clock())
    return [each for name, each in examples.items() if each["registration"] == "first" and "faulty" not in name]


def _renewed(example: dict[str, Any], place: dict[str, str], number: str) -> dict[str, Any]:
    """Return the example as another product; without a tax code, whose check digit would have to fit."""
    producer = {name: value for name, value in example["producer"].items() if name != "tax_code"}
    product = example["product"]
    return example | {
        "producer": producer | {"registration_number": f"Y{number}"},
        "product": product | place | {"name": f"{product['name']} {number}"},
    }

"""docs/performance.md says what the benchmarks measure."""

from pathlib import Path

import pytest

from benchmarks.contestants import CONTESTANTS
from benchmarks.run import Benchmark

PAGE = (Path(__file__).parents[3] / "docs" / "performance.md").read_text("utf-8")


@pytest.mark.parametrize("benchmark", list(Benchmark))
def test_every_benchmark_stands_on_the_page(benchmark: Benchmark) -> None:
    assert f"| `{benchmark}` |" in PAGE


@pytest.mark.parametrize("title", [each.title for each in CONTESTANTS])
def test_everybody_who_takes_part_stands_on_the_page(title: str) -> None:
    assert f"| {title} |" in PAGE

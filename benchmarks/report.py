"""The report: one Markdown file that grows as the run goes on, and its chart beside it."""

from collections.abc import Mapping
from pathlib import Path


class Report:
    """Written anew after every section, so that an interrupted run keeps what it has measured."""

    def __init__(self, file: Path, *, title: str, facts: Mapping[str, str]) -> None:
        self.file = file
        self._parts = [f"# {title}\n", "".join(f"- {name}: {text}\n" for name, text in facts.items())]
        file.parent.mkdir(parents=True, exist_ok=True)
        self._write()

    def add(self, heading: str, *paragraphs: str) -> None:
        """Add a section."""
        self._parts += [f"## {heading}\n", *paragraphs]
        self._write()

    def add_chart(self, name: str, svg: str, caption: str) -> None:
        """Write a chart beside the report and show it there."""
        chart = self.file.with_name(f"{self.file.stem}-{name}.svg")
        chart.write_text(svg, "utf-8")
        self._parts.append(f"![{caption}]({chart.name})\n")
        self._write()

    def _write(self) -> None:
        self.file.write_text("\n".join(self._parts), "utf-8")

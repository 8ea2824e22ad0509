"""The report: one Markdown file that grows as the run goes on, and its chart beside it."""

from collections.abc import Mapping
from pathlib import Path


class Report:
    """Written anew whenever a section comes or grows, so that an interrupted run keeps what it has measured."""

    def __init__(self, file: Path, *, title: str, facts: Mapping[str, str]) -> None:
        self.file = file
        self._head = f"# {title}\n\n" + "".join(f"- {name}: {text}\n" for name, text in facts.items())
        self._sections: dict[str, tuple[str, ...]] = {}

    def put(self, heading: str, *paragraphs: str) -> None:
        """Add a section, in the place of what it was before."""
        self._sections[heading] = paragraphs
        self._write()

    def chart(self, name: str, svg: str, caption: str) -> str:
        """Write a chart beside the report and return the paragraph that shows it."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        chart = self.file.with_name(f"{self.file.stem}-{name}.svg")
        chart.write_text(svg, "utf-8")
        return f"![{caption}]({chart.name})\n"

    def _write(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        sections = ("\n".join((f"## {heading}\n", *paragraphs)) for heading, paragraphs in self._sections.items())
        self.file.write_text("\n".join((self._head, *sections)), "utf-8")

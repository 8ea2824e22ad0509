"""A story on a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from ops.trace.happening import NOTABLE_GAP_SECONDS, Kind, Told

_STYLES = {Kind.EVENT: "bold", Kind.RECORD: "dim", Kind.DEAD_LETTER: "bold red", Kind.AWAITED: "yellow"}


def story_table(story: str, told: Sequence[Told]) -> Table:
    """Return a row for each happening of a story; long gaps are yellow."""
    table = Table("Time (UTC)", title=f"Story {story}", title_justify="left")
    table.add_column("Gap", justify="right")
    for name in ("Who", "What", "Detail", "Event"):
        table.add_column(name)
    for each in told:
        happening = each.happening
        time = f"{happening.time:%Y-%m-%d %H:%M:%S.%f}"[:-3] if happening.time else "?"
        style = _STYLES[happening.kind]
        id = Text(happening.event_id if happening.kind is not Kind.RECORD else "")
        cells = (Text(happening.who), Text(happening.what, style), Text(happening.detail))
        table.add_row(time, _gap(each.gap_seconds), *cells, id)
    return table


def _gap(seconds: float | None) -> Text:
    if seconds is None:
        return Text("")
    style = "yellow" if abs(seconds) >= NOTABLE_GAP_SECONDS else "dim"
    return Text(f"{seconds:+.3f} s", style)

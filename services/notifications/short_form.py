"""Decide: an alert in the 160 characters that one text message of 7-bit letters holds."""

#: characters
MAX_SHORT = 160
#: Fewer characters of a name than these tell nobody which product is meant.
_FEWEST_OF_A_NAME = 8
_CUT = "..."


def short_form(news: str, todo: str, *, name: str | None = None, code: str | None = None) -> str:
    """Return what happened and what to do, of which product: its name is cut where it is too long, and nothing else.

    Everything is one line in NFC. Three points stand where the name was cut, not the sign for them: without Vietnamese
    letters, where that sign is three points too, the text is no longer than with them.
    """
    said = f"{news}. {todo}"
    room = MAX_SHORT - len(f"OCOP: {_of('.', code)}{said}") + 1
    about = _of(cut(name, room) if name and room >= _FEWEST_OF_A_NAME else None, code)
    return f"OCOP: {about}{said}"[:MAX_SHORT]


def _of(name: str | None, code: str | None) -> str:
    """Return which product is meant, as the beginning of a line: `Chè đinh (19-05500-3-2026): `."""
    known = [name] if name else []
    if code:
        known.append(f"({code})" if name else code)
    return f"{' '.join(known)}: " if known else ""


def cut(name: str, room: int) -> str:
    """Return a name in so many characters, cut between two words where it has more than one."""
    if len(name) <= room:
        return name
    return name[: room - len(_CUT)].rsplit(" ", 1)[0].rstrip(" ,;(") + _CUT

"""A page of HTML as a reader sees it, and what it is made of."""

from html.parser import HTMLParser

_WITHOUT_END = {"meta", "br", "hr"}


class Page(HTMLParser):
    """Parses a page: raises AssertionError where an element is closed that is not the one open.

    `title`, `h1` and `seen` are the words of its title, of its first heading, and of all else that is read; `elements`
    are its elements with their attributes; `open` those that were never closed.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title: list[str] = []
        self.h1: list[str] = []
        self.seen: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.styles = ""
        self.feed(html)
        self.close()

    @property
    def tags(self) -> list[str]:
        """The names of its elements, in order."""
        return [tag for tag, _ in self.elements]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _WITHOUT_END:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        match self.open:
            case [*_, "style"]:
                self.styles += data
            case [*_, "title"]:
                self.title += data.split()
            case [*_, "h1"]:
                self.h1 += data.split()
            case _:
                self.seen += data.split()

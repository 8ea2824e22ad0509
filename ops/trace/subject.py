"""What a story is looked for by."""

from dataclasses import dataclass, replace

from ops.named import one_line
from ops.records.reading import is_product_code


@dataclass(frozen=True)
class Subject:
    """A product's code or an event's id, and the stories that are known to be meant: the ids that they began with."""

    code: str | None
    id: str | None
    stories: frozenset[str] = frozenset()

    @property
    def words(self) -> str:
        """What it is, for messages."""
        return f"the product {one_line(self.code)}" if self.code else f"the id {one_line(self.id)}"

    def concerns(self, *, id: str, story: str, product: str) -> bool:
        """Tell whether an event belongs to it; its own texts are masked, and so are ours before they are compared."""
        return (
            story in self.stories
            or (self.code is not None and product == self.code)
            or (self.id is not None and one_line(self.id) in {id, story})
        )

    def with_stories(self, found: frozenset[str]) -> "Subject":
        """Return it with more stories that are meant."""
        return replace(self, stories=self.stories | found)


def subject_of(text: str) -> Subject:
    """Read what was asked for: a product's code looks like no id that anybody would give."""
    return Subject(code=text, id=None) if is_product_code(text) else Subject(code=None, id=text)

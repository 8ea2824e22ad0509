"""Texts that are there in both languages, such as the names of criteria: they are in no catalogue."""

from typing import Self

from ops.language import Message, both_are_shown
from services.evaluation.rulebook import Criterion
from services.evaluation.rulebook.criteria import Sentence
from shared.contracts.text import Bilingual


class InBoth(Message):
    """A text in English, as programs get it, that reads in Vietnamese where that is spoken."""

    __slots__ = ("_vi",)
    _vi: str

    def __new__(cls, both: Sentence | Bilingual) -> Self:
        """Make the text of a sentence in both languages."""
        message = super().__new__(cls, "{en}", en=both.en)
        message._vi = both.vi
        return message

    @property
    def spoken(self) -> str:
        """The text in the language that is spoken."""
        return str(self) if both_are_shown() else self._vi


def joined(sentences: list[Bilingual], separator: str = "; ") -> InBoth:
    """Return sentences as one."""
    vi, en = (separator.join(getattr(each, language) for each in sentences) for language in ("vi", "en"))
    return InBoth(Bilingual(vi=vi, en=en))


def named(criterion: Criterion) -> Bilingual:
    """Return a criterion by its number and name."""
    return Bilingual(vi=f"{criterion.code} {criterion.name.vi}", en=f"{criterion.code} {criterion.name.en}")

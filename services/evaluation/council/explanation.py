"""How a council's result came about, line by line, recomputed from what is on record of a product.

What it takes stands in the records themselves: cards, replaced ones too, members, the regulation as it was then. So it
comes out the same years later, and anyone can do it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from services.evaluation.council import sentences
from services.evaluation.council.conclusion import as_announced, declared
from services.evaluation.council.counting import Count, count
from services.evaluation.council.judging import Judged, judge
from services.evaluation.council.scorecard import filled_card, total_of
from services.evaluation.council.state import FilledCard, Session
from services.evaluation.rulebook import Rulebook, ScoreSheet
from shared.contracts.councils import CouncilConcluded, CouncilResult, ScorecardFiled
from shared.contracts.text import Bilingual

#: A record of evaluation, as it is stored.
Document = Mapping[str, Any]


@dataclass(frozen=True)
class CardOnRecord:
    """A card on record, its total added up anew, and whether a later one of its member came in its place."""

    card: FilledCard
    is_replaced: bool = False


@dataclass(frozen=True)
class Explanation:
    """How one result came about. `differences` are fields in which what was announced is not what comes out now."""

    announced: CouncilResult
    lines: tuple[Bilingual, ...]
    differences: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Return whether the announced result is what comes out now."""
        return not self.differences


def explain(documents: Sequence[Document], rulebook: Rulebook) -> tuple[Explanation, ...]:
    """Return how each council's result on a product came about, the oldest first.

    Args:
        documents: the records of evaluation about the product; those that are not of its councils do not matter.
        rulebook: the score sheets. A result by another legal document's is listed, and not recomputed.
    """
    story = _Story()
    of_councils = (each for each in documents if "history" in each and ("card" in each or "conclusion" in each))
    found = (story.told(each, rulebook) for each in sorted(of_councils, key=lambda each: each["history"]["version"]))
    return tuple(each for each in found if each)


@dataclass
class _Story:
    """What was on record before: the cards of each session, and what its earlier conclusions came to."""

    cards: dict[str, list[CardOnRecord]] = field(default_factory=dict)
    earlier: dict[str, list[Bilingual]] = field(default_factory=dict)

    def told(self, document: Document, rulebook: Rulebook) -> Explanation | None:
        """Take in a record, and return the explanation where it is of a result."""
        if "card" in document:
            self._take_card(document, rulebook)
            return None
        announced, session = document["announced"][0]["data"], document["conclusion"]["session"]
        if document["outcome"] == "result":
            return self._explained(document, CouncilResult.model_validate(announced), rulebook)
        tell = sentences.rescoring if document["outcome"] == "rescore-requested" else sentences.incomplete
        self.earlier.setdefault(session, []).append(tell(announced))
        return None

    def _take_card(self, document: Document, rulebook: Rulebook) -> None:
        filed, kept = ScorecardFiled.model_validate(document["card"]), filled_card(document)
        sheet = next((each for each in rulebook.sheets.values() if each.code == filed.score_sheet), None)
        if sheet:
            kept = kept.model_copy(update={"total": total_of(sheet, filed)})
        cards = self.cards.setdefault(filed.session, [])
        is_older = document["outcome"] != "card-kept"
        if not is_older:
            cards[:] = [CardOnRecord(each.card, each.is_replaced or each.card.member == kept.member) for each in cards]
        cards.append(CardOnRecord(kept, is_replaced=is_older))

    def _explained(self, document: Document, announced: CouncilResult, rulebook: Rulebook) -> Explanation:
        sheet = rulebook.sheets[announced.product_set]
        if (rulebook.decision.legal_document, sheet.code) != (announced.legal_document, announced.score_sheet):
            return Explanation(announced, (sentences.other_rules(announced),))
        again = _Again.of(document, announced, sheet, self.cards.get(announced.session, []))
        lines = tuple(again.lines(self.earlier.get(announced.session, [])))
        differences = tuple(again.differences())
        return Explanation(announced, (*lines, sentences.compared(differences)), differences)


@dataclass(frozen=True)
class _Again:
    """A result that is made again."""

    announced: CouncilResult
    session: Session
    concluded: CouncilConcluded
    cards: Sequence[CardOnRecord]
    counted: Count
    judged: Judged

    @classmethod
    def of(cls, document: Document, announced: CouncilResult, sheet: ScoreSheet, cards: Sequence[CardOnRecord]) -> Self:
        session = Session.model_validate(document["sitting"])
        concluded = CouncilConcluded.model_validate(document["conclusion"])
        counted = count(session, [each.card for each in cards if not each.is_replaced], concluded)
        judged = judge(
            sheet,
            session.regulation,
            counted.counted,
            declared(concluded),
            must_declare_quality=document["must_declare_quality"],
        )
        return cls(announced, session, concluded, cards, counted, judged)

    def differences(self) -> Iterator[str]:
        """Yield the fields of the announced result that do not come out again."""
        for name, value in as_announced(self.judged, self.session).items():
            if getattr(self.announced, name) != value:
                yield name

    def lines(self, earlier: Sequence[Bilingual]) -> Iterator[Bilingual]:
        """Yield how it came about; `earlier` are the conclusions of the same session before."""
        rules = self.session.regulation
        yield sentences.heading(self.announced, self.concluded)
        yield sentences.regulation(rules)
        counting = {card.key for card in self.counted.counted}
        for each in self.cards:
            yield sentences.card(each.card, self.session, counts=each.card.key in counting, old=each.is_replaced)
        yield from earlier
        yield sentences.quorum(rules, len(self.counted.counted), len(self.session.members), self.counted.needed)
        yield sentences.presided(rules, self.session, self.concluded)
        yield sentences.spread(rules, self.judged.spread)
        yield sentences.average(self.counted.counted, self.judged)
        yield sentences.minimums_judged(rules, self.concluded)
        yield from map(sentences.unmet, self.judged.unmet_minimums)
        yield sentences.eliminations(rules, self.judged)
        yield sentences.stars(self.judged)

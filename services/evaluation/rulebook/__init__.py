"""The score sheets of the OCOP programme as data, one folder a legal document, and what reads and checks them."""

from services.evaluation.rulebook.criteria import Criterion, Elimination, Option
from services.evaluation.rulebook.loader import RulebookError, load_rulebook, load_sheet
from services.evaluation.rulebook.sheets import Rulebook, ScoreSheet
from services.evaluation.rulebook.units import Unit

__all__ = [
    "Criterion",
    "Elimination",
    "Option",
    "Rulebook",
    "RulebookError",
    "ScoreSheet",
    "Unit",
    "load_rulebook",
    "load_sheet",
]

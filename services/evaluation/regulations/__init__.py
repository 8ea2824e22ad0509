"""The regulations of councils (quy chế) as data, the defaults in this folder, and what reads and checks them."""

from services.evaluation.regulations.loader import DEFAULTS, Regulations, RegulationsError, load_regulations
from services.evaluation.regulations.regulation import Regulation

__all__ = ["DEFAULTS", "Regulation", "Regulations", "RegulationsError", "load_regulations"]

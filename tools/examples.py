"""The example dossiers of `examples/dossiers`."""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.legal_date import legal_date

FOLDER = Path(__file__).parent.parent / "examples" / "dossiers"


def load_examples(now: datetime, folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """Return file name → dossier, in the order in which they are to be filed.

    The codes in them are of products that are registered just before, so their year is the present one.
    """
    year = legal_date(now).year
    return {file.stem: _this_year(json.loads(file.read_text("utf-8")), year) for file in sorted(folder.glob("*.json"))}


def _this_year(dossier: dict[str, Any], year: int) -> dict[str, Any]:
    code = dossier.get("product_code")
    return dossier | {"product_code": re.sub(r"-\d{4}$", f"-{year}", code)} if isinstance(code, str) else dossier

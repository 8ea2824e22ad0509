"""How the offices read what the decision leaves open: settings, each with its article. Decision 26/2026/QĐ-TTg."""

from dataclasses import dataclass, field
from typing import Literal

from services.registry.time_limits import TimeLimits, load_time_limits


@dataclass(frozen=True)
class Practice:
    """How the offices read the decision; `limits` are its rules of time.

    `refer_on`: a result goes to the ministry by its average alone (Art. 7.3e, “đạt từ 90 điểm trở lên”), or by the
    stars that its minimums allow. `five_star_re_evaluation`: of a product of 5 stars Art. 6.3b lists neither the
    council's report nor an approval, so the province's council rates it as any other, or it goes to the centre.
    """

    limits: TimeLimits = field(default_factory=load_time_limits)
    refer_on: Literal["average", "stars"] = "average"
    five_star_re_evaluation: Literal["council", "direct"] = "council"

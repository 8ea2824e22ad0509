"""What a council's secretariat may file, drawn at random: some of it fits."""

from dataclasses import dataclass
from datetime import date

from hypothesis import strategies as st

from tests.unit.evaluation.council_model import TODAY
from tests.unit.evaluation.councils import CENTRE, CODE, OTHER_PROVINCE, PROVINCE, SHEET

CODES = (CODE, "25-07918-2-2026")
USERS = st.sampled_from([PROVINCE] * 4 + [CENTRE, OTHER_PROVINCE])
FILES_FOR = {"province": PROVINCE, "centre": CENTRE}
#: Every card with these totals meets every minimum: the stars are those of the average.
TOTALS = st.sampled_from([50, 69, 70, 79, 80, 89, 90, 95, 100])
DAYS = st.sampled_from([None, date(2026, 11, 15), date(2026, 11, 26)])
HELD = st.sampled_from(["2026-11-20", "2026-11-26", TODAY.isoformat(), "2026-12-01"])
#: How many sessions ago one was convened, None for that which the product is in; the last is one that never was.
SESSION = st.sampled_from([None, None, None, None, 0, 1, 2, 99])


@dataclass(frozen=True)
class Convening:
    """What is drawn of a session: `again` and `replaces` are how many sessions ago another was convened."""

    level: str
    codes: list[str]
    user: str
    members: int
    again: int | None = None
    replaces: int | None = None
    has_chair: bool = True


@dataclass(frozen=True)
class Scoring:
    """What is drawn of a card, as `SESSION` says of which session."""

    session: int | None
    code: str
    member: str
    total: int
    user: str
    minute: int | None = None
    sheet: str = SHEET


@dataclass(frozen=True)
class Conclusion:
    """What is drawn of a conclusion, as `SESSION` says of which session."""

    session: int | None
    code: str
    present: list[str] | None
    user: str
    way: str = "meeting"
    presided_by: str = "m1"
    held_on: str = TODAY.isoformat()
    eliminates: bool = False


CONVENINGS = st.builds(
    Convening,
    level=st.sampled_from(sorted(FILES_FOR)),
    codes=st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True),
    user=USERS,
    members=st.integers(1, 7),
    again=st.sampled_from([None, None, None, 0]),
    replaces=st.sampled_from([None, None, 0, 1, 99]),
    has_chair=st.sampled_from([True, True, True, False]),
)
SCORINGS = st.builds(
    Scoring,
    session=SESSION,
    code=st.sampled_from(CODES),
    member=st.sampled_from(["m1", "m2", "m3", "m9"]),
    total=TOTALS,
    user=USERS,
    minute=st.sampled_from([None, 1, 2, 3]),
    sheet=st.sampled_from([SHEET, SHEET, SHEET, "QD26-01"]),
)
CONCLUSIONS = st.builds(
    Conclusion,
    session=SESSION,
    code=st.sampled_from(CODES),
    present=st.none() | st.lists(st.sampled_from(["m1", "m2", "m3", "m9"]), min_size=1, unique=True),
    user=USERS,
    way=st.sampled_from(["meeting", "written-opinions"]),
    presided_by=st.sampled_from(["m1", "m1", "m2", "m9"]),
    held_on=HELD,
    eliminates=st.booleans(),
)

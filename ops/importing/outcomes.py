"""What became of a row, as far as it is known."""

from enum import StrEnum


class RowStatus(StrEnum):
    """How far a row came, and how it ended."""

    FAULTY = "faulty"  #: turned back before it was filed
    REPEATED = "repeated"  #: the same as another row of the file, which is filed
    SOUND = "sound"  #: nothing is wrong with it; the register was not asked
    NOT_FILED = "not-filed"
    UNCLEAR = "unclear"  #: sent, and the broker did not say that it has it
    FILED = "filed"  #: the broker has it; no answer is known
    IMPORTED = "imported"
    IN_REGISTER = "in-register"  #: the register had this certificate already
    REJECTED = "rejected"


#: Outcomes after which nothing more is to come.
ENDED = frozenset({RowStatus.FAULTY, RowStatus.REPEATED, RowStatus.IMPORTED, RowStatus.IN_REGISTER, RowStatus.REJECTED})
#: What the register has in the end.
GOOD = frozenset({RowStatus.IMPORTED, RowStatus.IN_REGISTER, RowStatus.REPEATED, RowStatus.SOUND})

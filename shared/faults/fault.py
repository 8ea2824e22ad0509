"""How a service says that something is wrong: a place, a stable code, a sentence in Vietnamese and in English."""

from collections.abc import Iterable, Sequence

from shared.contracts.fault_codes import MENDERS, DossierFault, FilingFault, Mender
from shared.contracts.text import Bilingual, Fault

#: faults listed for one dossier; a last one says how many more there are.
MOST_FAULTS_LISTED = 200
#: Fields that no person fills in: nobody reckons a digest by hand.
_OF_PROGRAMS = ("/sha256",)


def pointer(*steps: str | int) -> str:
    """Return the JSON pointer (RFC 6901) of these steps."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def fault(
    where: Sequence[str | int], code: DossierFault | FilingFault, vi: str, en: str, *, product_code: str | None = None
) -> Fault:
    """Return the fault at this place of the data; `product_code` is the product's that it is about, for programs."""
    return Fault(pointer=pointer(*where), code=code.value, message=Bilingual(vi=vi, en=en), product_code=product_code)


def listed(*, first_at_each_place: Iterable[Fault] = (), others: Iterable[Fault] = ()) -> tuple[Fault, ...]:
    """Return the faults, the first `MOST_FAULTS_LISTED` of them where there are more, and then one that says so.

    Of some only the first of a field counts: broken text need not have odd characters too.
    """
    first: dict[str, Fault] = {}
    for each in first_at_each_place:
        first.setdefault(each.pointer, each)
    faults = (*first.values(), *others)
    left_off = len(faults) - MOST_FAULTS_LISTED
    if left_off <= 0:
        return faults
    more = fault(
        (),
        DossierFault.TOO_MANY_FAULTS,
        f"Hồ sơ còn {left_off} lỗi khác chưa liệt kê. Hãy sửa các lỗi ở trên rồi nộp lại.",
        f"{left_off} more faults are not listed. Mend those above and file again.",
    )
    return (*faults[:MOST_FAULTS_LISTED], more)


def for_producer(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults of a dossier that its producer can mend, and so is told of; none where others come first.

    Of a code that is not known, as of a newer service, she is told.
    """
    found = [(each, _mender(each)) for each in faults]
    if any(mender is Mender.SENDER_FIRST for _, mender in found):
        return ()
    return tuple(each for each, mender in found if mender is Mender.PRODUCER)


def _mender(each: Fault) -> Mender:
    return Mender.SENDER if each.pointer.endswith(_OF_PROGRAMS) else MENDERS.get(each.code, Mender.PRODUCER)

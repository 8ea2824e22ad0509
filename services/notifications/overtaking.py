"""Decide: which news overtake an alert, so that it is not sent any more where it comes late."""

from shared.contracts.catalogue import (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_EXPIRING,
    CERTIFICATE_EXTENDED,
    CERTIFICATE_ISSUED,
    CERTIFICATE_RENEWAL_DUE,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUPERSEDED,
)

#: What ends a certificate, or follows on it.
_ENDS = frozenset(
    kind.name
    for kind in (
        CERTIFICATE_EXPIRED,
        CERTIFICATE_EXTENDED,
        CERTIFICATE_ISSUED,
        CERTIFICATE_REVOKED,
        CERTIFICATE_SUPERSEDED,
    )
)
_MILESTONES = frozenset({CERTIFICATE_RENEWAL_DUE.name, CERTIFICATE_EXPIRING.name})


def overtaken_by(kind: str) -> frozenset[str]:
    """Return the kinds of events about the same product that overtake one of this kind: none, but for milestones."""
    return _MILESTONES | _ENDS if kind in _MILESTONES else frozenset()

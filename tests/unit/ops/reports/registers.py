"""Registers of a few products, drawn: whatever facts may say of them."""

from datetime import date, timedelta

from hypothesis import strategies as st

from services.registry.facts import CertificateFacts, Facts, RoundFacts
from services.registry.rounds import CertificateStatus
from shared.contracts.dossier import ProducerKind, RegistrationKind
from shared.contracts.rounds import Closing, Stage

PLACES = ("01-09574", "01-09616", "25-07894")

days = st.integers(0, 1200).map(lambda number: date(2023, 12, 1) + timedelta(days=number))
certificates = st.builds(
    lambda issued_on, lasts, stars, status, registration: CertificateFacts(
        issued_on, last := issued_on + timedelta(days=lasts), last, stars, status, registration
    ),
    days,
    st.integers(900, 1200),
    st.sampled_from((3, 4, 5)),
    st.sampled_from(CertificateStatus),
    st.none() | st.sampled_from(RegistrationKind),
)
rounds = st.builds(
    RoundFacts,
    st.sampled_from(RegistrationKind),
    st.sampled_from(Stage),
    days,
    st.none() | days,
    st.none() | st.sampled_from(Closing),
    st.none() | st.integers(3, 5),
)
products = st.builds(
    Facts,
    st.sampled_from(PLACES),
    st.sampled_from((0, 1, 6, 26)),
    st.sampled_from(("", "0101234567", "0109999999")),
    st.none() | st.sampled_from(ProducerKind),
    st.lists(certificates, max_size=2).map(tuple),
    st.none() | rounds,
    st.booleans(),
)
registers = st.lists(products, max_size=12).map(
    lambda found: [each._replace(code=f"{each.code}-{number}-2026") for number, each in enumerate(found)]
)

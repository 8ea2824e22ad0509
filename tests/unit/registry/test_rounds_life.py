"""Whatever is filed about a product, in whatever order: no state is reached that the table of moves does not know.

`make fuzz` takes 100,000 steps.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from services.registry import SOURCE, correction, council_results, registration, revocation, round_filings
from services.registry.app import RULES
from services.registry.certificates import at_its_end
from services.registry.identity import KnownProduct
from services.registry.intake import ExaminedDossier
from services.registry.province import FIVE_STARS
from services.registry.registration import RegisterState
from services.registry.round_filings import RoundState
from services.registry.rounds import MOVES, CertificateStatus, Round, Step
from shared.contracts.catalogue import ASSESSMENT_REJECTED, DOSSIER_FILED, RECOGNITION_REVOKED, ROUND_MOVED
from shared.contracts.certificates import Ground
from shared.contracts.councils import Level
from shared.contracts.dossier import RegistrationKind
from shared.contracts.event import Event
from shared.contracts.rounds import Stage
from shared.filings import Filing
from shared.handling.history import Version
from shared.handling.outcome import Decision
from shared.legal_date import legal_date
from shared.scopes import Role, Scope
from tests.unit.contact_keys import SEALED
from tests.unit.registry import test_council_results, test_decisions
from tests.unit.registry.dossiers import NUMBERS, changed, document
from tests.unit.registry.products import CODE
from tests.unit.registry.test_round_filings import FILED, RETURNED_BY_COMMUNE, ROLES

PAPERS = [*changed({})["documents"], *(document(each, f"{99:064x}") for each in ("change-report", "test-report"))]
USERS = ("integration.portal", "integration.other")


@dataclass(frozen=True)
class OfAnOffice:
    """What is drawn of a filing about a round; as it stands, a good one where the round is the newest."""

    user: str = USERS[0]
    round: int | None = None
    is_central: bool = False
    stars: int = 4
    days_ago: int = 0
    returned: bool = False
    back_to: str = "commune"


FILINGS = st.builds(
    OfAnOffice,
    user=st.sampled_from(USERS),
    round=st.sampled_from([None, None, 1, 2, 3]),
    is_central=st.booleans(),
    stars=st.integers(3, 5),
    days_ago=st.sampled_from([-1, 0, 5, 40]),
    returned=st.booleans(),
    back_to=st.sampled_from(["commune", "province"]),
)


class Rounds(RuleBasedStateMachine):
    """Files everything that there is about one product, good and bad, while the years go by."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 1, 3, tzinfo=UTC)
        self.known: Version[KnownProduct] | None = None
        self.filed = 0

    @rule(days=st.sampled_from([0, 1, 20, 200, 930, 1100]))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)
        held = self.known.state.in_force if self.known else None
        if self.known and held and held.certificate.last_day < legal_date(self.now):
            after, _ = at_its_end(self.known.state, held)
            self.known = self.known.then(after)

    @rule(kind=st.sampled_from(RegistrationKind), user=st.sampled_from(USERS), has_code=st.booleans())
    def file_a_dossier(self, kind: RegistrationKind, user: str, has_code: bool) -> None:
        changes: dict[str, object] = {"/registration": kind.value, "/documents": PAPERS}
        if has_code or kind is not RegistrationKind.FIRST:
            changes["/product_code"] = CODE
        event = self._event(DOSSIER_FILED.type, changed(changes), user)
        filing = ExaminedDossier.of(event, NUMBERS, lambda _: SEALED, now=self.now)
        self._take(registration.decide(RegisterState(by_key=self.known, by_code=self.known), filing, self.now), kind)

    @rule(kind=st.sampled_from(sorted(FILED)), filing=FILINGS)
    def file_about_the_round(self, kind: str, filing: OfAnOffice) -> None:
        letter = {"number": "1", "date": (legal_date(self.now) - timedelta(days=filing.days_ago)).isoformat()}
        data: dict[str, Any] = {**FILED[kind], "product_code": CODE, "round": filing.round}
        data |= RETURNED_BY_COMMUNE if filing.returned and kind == "commune.assessed" else {}
        data |= {"stars": filing.stars, "decision": letter, "letter": letter, "back_to": filing.back_to}
        asked = next(each for each in RULES if each.kind.name == kind)
        event = self._event(asked.kind.type, data, filing.user)
        role = Role.CENTRE if filing.is_central else ROLES.get(kind, Role.PROVINCE)
        scope = Scope(role, frozenset({"everywhere" if filing.is_central else "01"}))
        number = f"number {self.filed}" if self.filed % 5 else None
        asked_of = Filing.of(event, asked.kind, scope, source=SOURCE)
        self._take(round_filings.decide(asked, RoundState(self.known, number), asked_of, self.now))

    @rule(stars=st.integers(3, 5))
    def what_comes_next(self, stars: int) -> None:
        round_ = self.known.state.round if self.known else None
        number, good = round_.number if round_ else 1, OfAnOffice(stars=stars)
        match round_.stage if round_ else Stage.CLOSED:
            case Stage.AT_COMMUNE:
                self.file_about_the_round("commune.assessed", good)
            case Stage.AT_PROVINCE | Stage.AT_CENTRE as stage:
                self.a_council_gives_a_result(
                    Level.CENTRE if stage is Stage.AT_CENTRE else Level.PROVINCE, stars, number
                )
            case Stage.AWAITS_PROVINCE if stars == FIVE_STARS:
                self.file_about_the_round("result.approved", good)
            case Stage.AWAITS_PROVINCE | Stage.BACK_AT_PROVINCE:
                self.file_about_the_round("recognition.decided", good)
            case Stage.AWAITS_CENTRE:
                self.file_about_the_round("recognition.decided", replace(good, stars=5, is_central=True))
            case Stage.CLOSED | Stage.RETURNED:
                kind = round_.registration if round_ and round_.is_open else RegistrationKind.FIRST
                self.file_a_dossier(kind, USERS[0], has_code=True)

    @rule(level=st.sampled_from(Level), stars=st.sampled_from([None, 2, 3, 4, 5]), round_=st.integers(1, 3))
    def a_council_gives_a_result(self, level: Level, stars: int | None, round_: int) -> None:
        points = 92 if stars == 5 else 85  # Art. 3.3
        event = replace(test_council_results.event(level, stars, points=points, round_=round_), id=self._id())
        held_on = {"held_on": (legal_date(self.now) - timedelta(days=7)).isoformat()}
        event = replace(event, data={**event.data, **held_on})
        self._take(council_results.decide(self.known, event, self.now))

    @rule(newest=st.booleans())
    def evaluation_turns_a_dossier_back(self, newest: bool) -> None:
        data = test_decisions.rejection(RegistrationKind.FIRST).data
        round_ = self.known.state.round if self.known else None
        cause = round_.submitted if newest and round_ else "another"
        event = Event(self._id(), "/ocop/evaluation", ASSESSMENT_REJECTED.type, data, causation_id=cause)
        self._take(correction.decide(self.known, event, self.now))

    @rule(ground=st.sampled_from([Ground.MISUSE_OF_MARK, Ground.REDO]))
    def a_certificate_is_revoked(self, ground: Ground) -> None:
        held = self.known.state.in_force if self.known else None
        today = legal_date(self.now).isoformat()
        data = {
            "product_code": CODE,
            "certificate_number": held.certificate.number if held else "none",
            "ground": ground.value,
            "reason": "Kết luận kiểm tra.",
            "decision": {"number": "9", "date": today},
            "concluded_on": today,
        }
        is_central = held is not None and held.certificate.authority.value == "centre"
        scope = Scope(Role.CENTRE if is_central else Role.PROVINCE, frozenset({"everywhere"}))
        event = self._event(RECOGNITION_REVOKED.type, data, USERS[0])
        self._take(revocation.decide(self.known, Filing.of(event, RECOGNITION_REVOKED, scope, source=SOURCE), self.now))

    def _id(self) -> str:
        self.filed += 1
        return str(self.filed)

    def _event(self, type_: str, data: dict[str, Any], user: str) -> Event:
        return Event(self._id(), "/test", type_, data, time=self.now, filed_by=user)

    def _take(self, decision: Decision, opens: RegistrationKind | None = None) -> None:
        """Take a decision as the new state, once it holds what it must."""
        before = self.known.state if self.known else None
        rejected = any(each.type.endswith("rejected.v1") for each in decision.announced)
        assert decision.version is None or not rejected
        if decision.version is None:
            assert rejected or not decision.announced
            return
        after: KnownProduct = decision.version.state
        moves = [each.data for each in decision.announced if each.type == ROUND_MOVED.type]
        require_known_transition(before.round if before else None, after.round, moves, opens)
        require_certificates_to_go_on(before, after)
        assert {each.sequence for each in decision.announced} == {decision.version.number}
        self.known = decision.version


def require_known_transition(
    before: Round | None, after: Round | None, moves: list[dict[str, Any]], opens: RegistrationKind | None
) -> None:
    """Make sure that the table knows how a round came from one state to the next, and that it was announced."""
    assert after
    if before is None or after.number != before.number:
        assert after.number == (before.number if before else 0) + 1
        assert (after.stage, after.registration) == (MOVES[Step.FILED].after, opens)
        assert before is None or before.stage is Stage.CLOSED or MOVES[Step.TAKEN_OVER].before >= {before.stage}
        assert [each["closing"] for each in moves] == (["taken-over"] if before and before.is_open else [])
        return
    assert after.registration is before.registration
    said = [(each["from_stage"], each["to_stage"], each["closing"]) for each in moves]
    assert said == ([(before.stage, after.stage, after.closing)] if said or before.stage != after.stage else [])
    if said:
        assert any(_is_by(move, before, after) for move in MOVES.values())
    assert (after.back_to is not None) is (after.stage is Stage.RETURNED)
    needs_result = {Stage.AWAITS_PROVINCE: after.provincial, Stage.AWAITS_CENTRE: after.central}
    assert needs_result.get(after.stage, after) is not None


def _is_by(move: Any, before: Round, after: Round) -> bool:
    return before.stage in move.before and (move.after, move.closing) == (after.stage, after.closing)


def require_certificates_to_go_on(before: KnownProduct | None, after: KnownProduct) -> None:
    """Make sure that one certificate at most is valid on a day, none is lost, and none that has ended comes back."""
    assert sum(each.is_in_force for each in after.certificates) <= 1
    for one, next_one in pairwise(after.certificates):
        last_day = one.ended_on or one.certificate.last_day
        assert one.status is CertificateStatus.REVOKED or last_day < next_one.certificate.issued_on
    former = before.certificates if before else ()
    assert len(after.certificates) - len(former) in {0, 1}
    for then, now in zip(former, after.certificates, strict=False):
        assert now.certificate == then.certificate
        assert then.is_in_force or now.status is then.status
    for new in after.certificates[len(former) :]:
        assert after.round
        assert (after.round.closing, new.status) == ("recognised", CertificateStatus.IN_FORCE)
        assert new.certificate.stars <= ((after.round.central or after.round.provincial or _no()).stars or 0)
        assert new.certificate.issued_on > date(2026, 1, 1)


def _no() -> Any:
    raise AssertionError("a certificate without a council's result")


# Hypothesis makes the test case out of the class.
TestRounds = Rounds.TestCase
TestRounds.settings = settings(max_examples=min(25, settings().max_examples), stateful_step_count=40)


def take(steps: int) -> None:
    """Take so many steps at least. Raise what the first state raises that the table does not know."""
    a_life = settings(max_examples=-(-steps // 50), stateful_step_count=50, deadline=None, database=None)
    run_state_machine_as_test(Rounds, settings=settings(a_life, suppress_health_check=list(HealthCheck)))

"""Whether a server that does not answer is asked again already."""

from services.notifications.channels.circuit_breaker import CircuitBreaker


def timed_out(times: int) -> CircuitBreaker:
    breaker = CircuitBreaker()
    for _ in range(times):
        assert breaker.lets_through(100)
        breaker.note(timed_out=True)
    return breaker


def test_a_server_that_timed_out_now_and_then_is_asked() -> None:
    assert timed_out(2).lets_through(100)


def test_a_server_that_timed_out_in_a_row_is_asked_once_in_a_while() -> None:
    breaker = timed_out(3)
    asked = [second for second in range(101, 201) if breaker.lets_through(second)]
    assert asked == [130, 160, 190]


def test_a_server_that_answers_again_is_asked_as_before() -> None:
    breaker = timed_out(3)
    breaker.note(timed_out=False)
    assert breaker.lets_through(101)

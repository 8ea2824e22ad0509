"""What the pages of a service say while it goes."""

import asyncio
import http.client
import logging

import pytest
from faststream.rabbit import RabbitBroker

from shared.health import Health, serving_health
from shared.settings import Settings
from tools.stack.ports import free_ports, listens

PLACE = "127.0.0.1"


async def cut_off() -> Health:
    """Ask a server whose connection is closed meanwhile."""
    raise asyncio.CancelledError


def answer_of(port: int, page: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(PLACE, port, timeout=10)
    try:
        connection.request("GET", page)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


async def test_a_question_that_a_stop_breaks_off_is_answered_and_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    (port,) = free_ports(1)
    settings = Settings(_env_file=None, amqp_url="amqp://rabbitmq/", mongo_url="mongodb://mongo/", http_port=port)

    with caplog.at_level(logging.ERROR):
        async with serving_health("registry", RabbitBroker(), settings, cut_off):
            while not await listens(port):
                pass
            ready = await asyncio.to_thread(answer_of, port, "/ready")
            status, measured = await asyncio.to_thread(answer_of, port, "/metrics")

    assert ready == (503, "stopping\n")
    assert status == 200
    assert "ocop_ready 0.0" in measured
    assert caplog.records == []


async def test_a_service_s_own_page_is_json_once_it_can_say_anything() -> None:
    (port,) = free_ports(1)
    settings = Settings(_env_file=None, amqp_url="amqp://rabbitmq/", mongo_url="mongodb://mongo/", http_port=port)
    said = iter([None, [{"channel": "email", "fault": "535 5.7.8"}]])

    async def channels() -> object:
        return next(said)

    async with serving_health("notifications", RabbitBroker(), settings, cut_off, pages={"/channels": channels}):
        while not await listens(port):
            pass
        starting = await asyncio.to_thread(answer_of, port, "/channels")
        running = await asyncio.to_thread(answer_of, port, "/channels")

    assert starting == (503, "null")
    assert running == (200, '[{"channel": "email", "fault": "535 5.7.8"}]')

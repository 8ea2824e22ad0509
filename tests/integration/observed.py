"""The whole system as an operator watches it: services as processes, their logs, their /metrics, and their traces."""

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.integration.collector import Collector, collecting
from tests.integration.portal import PATIENCE_SECONDS, Portal, opened_portal
from tools.services import start_services
from tools.stack import LocalStack
from tools.stack.ports import free_ports

#: A sample of a scrape: its name, and its labels.
Sample = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(frozen=True)
class Observed:
    """Where to look."""

    stack: LocalStack
    portal: Portal
    collector: Collector
    broker_metrics: str

    def log(self, service: str) -> list[dict[str, Any]]:
        """Return the lines of a service's log. Every one of them is JSON, whoever has written it."""
        return [json.loads(line) for line in self.written(service).splitlines()]

    def written(self, service: str) -> str:
        """Return a service's log as it was written."""
        return (self.stack.folder / "logs" / f"{service}.log").read_text("utf-8")

    def address(self, service: str) -> str:
        """Return host and port of a service's pages."""
        return next(str(line["http"]) for line in self.log(service) if line.get("action") == "start")

    def scraped(self, service: str) -> dict[Sample, float]:
        """Return what a service says at /metrics."""
        return dict(_samples(f"http://{self.address(service)}/metrics"))

    def scraped_broker(self) -> dict[Sample, float]:
        """Return what RabbitMQ says, on the two pages that deploy/prometheus/prometheus.yml names."""
        detailed = "/metrics/detailed?family=queue_coarse_metrics&family=queue_consumer_count"
        return dict([*_samples(self.broker_metrics + "/metrics"), *_samples(self.broker_metrics + detailed)])


@asynccontextmanager
async def observed_system(folder: Path) -> AsyncIterator[Observed]:
    """Run everything, with a broker that Prometheus can ask, and a collector of traces."""
    (port,) = free_ports(1)
    settings = f"prometheus.tcp.ip = 127.0.0.1\nprometheus.tcp.port = {port}\n"
    with collecting() as collector, pytest.MonkeyPatch.context() as patch:
        patch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        patch.setenv("OTEL_BSP_SCHEDULE_DELAY", "200")  # milliseconds
        patch.setenv("OCOP_LOG_LEVEL", "DEBUG")
        async with LocalStack(
            folder, rabbitmq_conf=settings, rabbitmq_plugins=["rabbitmq_prometheus"], fresh=True
        ) as stack:
            await start_services(stack, lambda _: None)
            async with opened_portal(stack.amqp_url) as portal:
                yield Observed(stack, portal, collector, f"http://127.0.0.1:{port}")


def value(samples: dict[Sample, float], name: str, **labels: str) -> float:
    """Return one sample, 0 where it is not there."""
    return samples.get((name, tuple(sorted(labels.items()))), 0)


def _samples(url: str) -> Iterator[tuple[Sample, float]]:
    with urlopen(url, timeout=PATIENCE_SECONDS) as answer:
        text = answer.read().decode()
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            yield (sample.name, tuple(sorted(sample.labels.items()))), sample.value

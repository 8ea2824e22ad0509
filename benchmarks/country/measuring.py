"""Measures a day of the country on servers of its own."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
from aio_pika.abc import AbstractChannel

from benchmarks.arena import Arena, BenchmarkError
from benchmarks.cost import servers_of, written_bytes
from benchmarks.country.checks import faults
from benchmarks.country.flows import Flows
from benchmarks.country.hearing import Heard
from benchmarks.country.measured import Country
from benchmarks.country.offices import connected, integrations
from benchmarks.country.paper import Day, busiest_day
from benchmarks.country.playing import Playing
from benchmarks.country.products import cast_of
from benchmarks.country.receivers import Receivers, receiving
from benchmarks.country.services import DIGEST_SECONDS, Services
from benchmarks.country.set_clock import SetClock
from benchmarks.country.watching import Watch, looking
from benchmarks.plan import Plan
from shared.messaging.topology import UNROUTED
from shared.system import SYSTEM


async def measure_country(arena: Arena, plan: Plan) -> Country:
    """Prepare the plan's share of the busiest day, play it, and make sure that it ended as it must.

    The broker has to know the integrations of `offices`.

    Raises:
        BenchmarkError: something is missing, rejected, too much, or a dead letter in the end.
        StackError: a service does not become ready.
    """
    day = busiest_day(plan.country_share, plan.council_products)
    async with _prepared(arena, plan, day) as (playing, receivers):
        sessions = playing.watch.sessions
        before = written_bytes(sessions)
        stuck = await _played(arena, playing)
        written = written_bytes(sessions)
        waiting = await _never_empty(playing.watch.channel)
        if found := [*stuck, *await faults(arena, day, playing.heard, receivers, waiting)]:
            raise BenchmarkError("the day did not end as it must:\n" + "\n".join(found))
    measured = Country(
        day,
        plan.country_share,
        len(os.sched_getaffinity(0)),
        playing.stretches,
        dict(playing.heard.waits),
        playing.watch.resident_bytes,
        {name: size - before.get(name, 0) for name, size in written.items()},
        {channel: sum(deliveries.values()) for channel, deliveries in receivers.arrived.items()},
    )
    arena.say(f"the day took {measured.seconds:.0f} s: {measured.days_a_day:.0f} whole days in 24 hours")
    return measured


async def _played(arena: Arena, playing: Playing) -> list[str]:
    """Play the day, and return why it did not come to its end, nothing where it did."""
    async with looking(playing.watch, lambda: arena.say(playing.progress)):
        try:
            await playing.play()
        except BenchmarkError as error:
            return [str(error)]
    return []


@asynccontextmanager
async def _prepared(arena: Arena, plan: Plan, day: Day) -> AsyncIterator[tuple[Playing, Receivers]]:
    """Start everything, and bring the register to where the day begins; nobody is alerted of that."""
    folder = arena.stack.folder / "logs" / "country"  # what lies there goes with the stack
    file = folder / "integrations.yaml"
    await asyncio.to_thread(folder.mkdir)
    await asyncio.to_thread(file.write_text, integrations(), "utf-8")
    settings = {"OCOP_INTEGRATIONS": str(file), "OCOP_DIGEST_SECONDS": str(DIGEST_SECONDS)}
    services = Services(arena, day, SetClock(folder / "clock"), settings)
    heard = Heard(services.goes_out)
    admin = aio_pika.connect(arena.amqp_url(""))
    try:
        async with receiving(folder) as receivers, await admin as connection, connected(arena, heard) as offices:
            watch = Watch(await connection.channel(), servers_of(arena.stack.folder))
            playing = Playing(day, cast_of(day, plan.seed), Flows(offices, plan.seed), heard, watch, services)
            await services.start("registry", "evaluation")
            async with looking(watch, lambda: arena.say(playing.progress)):
                await playing.prepare()
            await _purge_alerts(watch.channel)
            await services.start("notifications", **receivers.settings)
            watch.sessions |= {each.pid: name for name, each in services.processes.items()}
            heard.forget()
            watch.resident_bytes.clear()
            yield playing, receivers
    finally:
        await services.stop()


async def _purge_alerts(channel: AbstractChannel) -> None:
    """Drop what was announced before the day: it is no work of its."""
    for queue in {each.queue for each in SYSTEM["notifications"].subscriptions}:
        await (await channel.get_queue(queue)).purge()


async def _never_empty(channel: AbstractChannel) -> dict[str, int]:
    """Return how many messages there are in each queue that should have none: dead letters, and what nobody reads."""
    found = {}
    for name in (*SYSTEM.dead_letter_queues, UNROUTED):
        declared = await channel.declare_queue(name, passive=True)
        found[name] = declared.declaration_result.message_count or 0
    return found

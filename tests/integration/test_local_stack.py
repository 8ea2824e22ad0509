"""The local stack keeps what it is given, refuses a second run, and leaves nothing behind however it ends."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import aio_pika
import aiosmtplib
import pytest
from pymongo import AsyncMongoClient, WriteConcern

from tools.stack import LocalStack, Processes, StackError
from tools.stack.leftovers import MARK, end_leftovers, marked_processes

ROOT = Path(__file__).parents[2]

#: Runs a stack in the folder it is given, tells its progress, and stays until it is interrupted.
RUN = """
import asyncio, sys
from pathlib import Path
from ops.interrupt import run_until_interrupted
from tools.stack import LocalStack, StackError

def say(line):
    print(line, flush=True)

async def main():
    say("Entering")
    try:
        async with LocalStack(Path(sys.argv[1]), say=say) as stack:
            say("Running")
            say(stack.amqp_url)
            await asyncio.Event().wait()
    except StackError as error:
        say(str(error))
    return 1

sys.exit(run_until_interrupted(main()))
"""


@asynccontextmanager
async def a_run(folder: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", RUN, str(folder), cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        yield run
    finally:
        if run.returncode is None:
            run.kill()
        await run.communicate()


async def next_line(run: asyncio.subprocess.Process) -> str:
    assert run.stdout is not None
    line = await run.stdout.readline()
    assert line, "it ended"
    return line.decode().strip()


async def until_printed(run: asyncio.subprocess.Process, line: str) -> None:
    while await next_line(run) != line:
        pass


def mentions(folder: Path) -> list[str]:
    """Return every process that knows of the folder, by its environment or command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            known = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(folder) in known:
            found.append(known.decode(errors="replace"))
    return found


@pytest.mark.parametrize(
    ("moment", "number"),
    [
        pytest.param("Entering", signal.SIGINT, id="before anything is started"),
        pytest.param("The mail server is ready", signal.SIGTERM, id="while two of three are starting"),
        pytest.param("RabbitMQ is starting", signal.SIGINT, id="while the broker's machine boots"),
        pytest.param("SecantusDB is ready", signal.SIGHUP, id="while the broker is the last one missing"),
        pytest.param("Running", signal.SIGINT, id="when all is ready"),
    ],
)
async def test_interrupted_at_any_moment_it_leaves_no_process_and_no_lock(
    tmp_path: Path, moment: str, number: signal.Signals
) -> None:
    folder = tmp_path / "a folder"
    async with a_run(folder) as run:
        await until_printed(run, moment)
        run.send_signal(number)
        output, _ = await run.communicate()
        assert run.returncode == 128 + number
        assert "Traceback" not in output.decode()
        assert mentions(folder) == []
        assert not (folder / "lock").exists()


async def test_a_second_interrupt_does_not_cut_the_cleaning_up_short(tmp_path: Path) -> None:
    async with a_run(tmp_path) as run:
        await until_printed(run, "Running")
        for _ in range(3):
            run.send_signal(signal.SIGINT)
        await run.communicate()
        assert run.returncode == 128 + signal.SIGINT
        assert mentions(tmp_path) == []


async def test_killed_it_takes_its_children_along_and_the_next_start_finds_the_messages(
    tmp_path: Path, stack: LocalStack
) -> None:
    async with a_run(tmp_path / "killed") as run:
        await until_printed(run, "Running")
        await publish(await next_line(run), b"kept")
        children = [os.pidfd_open(pid) for pid in marked_processes(tmp_path / "killed")]
        run.kill()
        await run.communicate()
        for child in children:
            await until_ended(child)

    async with LocalStack(tmp_path / "killed") as again:
        assert await received(again.amqp_url) == b"kept"
        assert await received(stack.amqp_url) is None, "two stacks at the same time share nothing"


async def publish(amqp_url: str, body: bytes) -> None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
        await channel.default_exchange.publish(aio_pika.Message(body), queue.name)


async def received(amqp_url: str) -> bytes | None:
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("kept", durable=True, arguments={"x-queue-type": "quorum"})
        message = await queue.get(no_ack=True, fail=False)
        return message.body if message else None


async def until_ended(child: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_reader(child, ended.set)
    async with asyncio.timeout(10):
        await ended.wait()
    asyncio.get_running_loop().remove_reader(child)
    os.close(child)


async def test_what_a_killed_run_left_behind_is_ended_by_its_mark(tmp_path: Path) -> None:
    left = await asyncio.create_subprocess_exec("sleep", "600", env={MARK: str(tmp_path)}, start_new_session=True)
    other = await asyncio.create_subprocess_exec("sleep", "600", env={MARK: f"{tmp_path}-2"}, start_new_session=True)
    try:
        assert end_leftovers(tmp_path) == [left.pid]
        assert await left.wait() == -signal.SIGTERM
        assert other.returncode is None
    finally:
        other.kill()
        await other.wait()


async def test_a_second_run_in_the_same_folder_is_told_who_is_there(stack: LocalStack) -> None:
    async with a_run(stack.folder) as run:
        output, _ = await run.communicate()
    assert run.returncode == 1
    assert f"already running (pid {os.getpid()})" in output.decode()


async def test_a_server_that_dies_at_its_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    async def never() -> bool:
        return False

    process = await Processes(tmp_path).start("broken", ["sh", "-c", "echo no such table; exit 3"], dict(os.environ))
    with pytest.raises(StackError, match=r"broken ended \(exit code 3\)(.|\n)*no such table(.|\n)*broken\.log"):
        await process.until_ready(never)


async def test_a_process_that_ignores_the_request_to_end_is_killed_with_its_group(tmp_path: Path) -> None:
    processes = Processes(tmp_path)
    script = "trap '' TERM; sleep 600 & echo ready; wait; wait"
    deaf = await processes.start("deaf", ["sh", "-c", script], dict(os.environ))

    async def says_ready() -> bool:
        return "ready" in deaf.last_lines()

    await deaf.until_ready(says_ready)
    assert await deaf.stop(grace_seconds=0.1) == -signal.SIGKILL
    end_leftovers(tmp_path)
    assert mentions(tmp_path) == []


async def test_the_broker_has_the_published_queues_and_lets_the_stack_s_user_in(stack: LocalStack) -> None:
    async with await aio_pika.connect(stack.amqp_url) as connection:
        channel = await connection.channel()
        queue = await channel.declare_queue("registry.life", passive=True)
        assert queue.name == "registry.life"


async def test_the_database_takes_journaled_majority_writes(stack: LocalStack) -> None:
    async with AsyncMongoClient[dict[str, object]](stack.mongo_url, serverMonitoringMode="poll") as client:
        places = client["local_stack"].get_collection("places", write_concern=WriteConcern(w="majority", j=True))
        await places.insert_one({"_id": "Bến Tre"})
        assert await places.find_one() == {"_id": "Bến Tre"}


async def test_a_mail_is_kept_as_it_arrived(stack: LocalStack) -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ocop@ocop.example.vn", "htx@example.vn", "Hồ sơ của bà con đạt 4 sao"
    mail.set_content("Chúc mừng hợp tác xã!\n")
    host, port = stack.smtp_url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(mail, hostname=host, port=int(port))
    kept = [
        BytesParser(policy=policy.default).parsebytes(file.read_bytes()) for file in stack.mail_folder.glob("*.eml")
    ]
    assert [(each["Subject"], each.get_content().splitlines()) for each in kept if each["To"] == "htx@example.vn"] == [
        ("Hồ sơ của bà con đạt 4 sao", ["Chúc mừng hợp tác xã!"])
    ]

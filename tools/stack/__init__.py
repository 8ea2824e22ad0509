"""A private broker, database and mail server on this machine, for the demo, for `make up` and for tests.

async with LocalStack(Path(".local"), definitions=PUBLISHED) as stack:
    await stack.processes.start("registry", [sys.executable, "-m", "services.registry"], {"OCOP_AMQP_URL": …})
"""

from tools.stack.errors import AlreadyRunningError, StackError
from tools.stack.part import Part
from tools.stack.processes import Process, Processes
from tools.stack.stack import LocalStack

__all__ = ["AlreadyRunningError", "LocalStack", "Part", "Process", "Processes", "StackError"]

"""The registry as a process with a clock that is stepped: `python -m tests.faults.registry_process <file>`."""

import sys
from pathlib import Path

from services.registry.app import APP
from shared.service import run
from tests.faults.clock import SteppedClock

if __name__ == "__main__":
    run(APP, clock=SteppedClock(Path(sys.argv[1])))

"""A service whose writes travel alone: what the benchmarks compare group commit with.

python -m benchmarks.without_group_commit registry
"""

import runpy
import sys

from shared import storage

if __name__ == "__main__":
    storage.MAX_BATCH = 1
    runpy.run_module(f"services.{sys.argv[1]}", run_name="__main__")

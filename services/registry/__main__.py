"""`python -m services.registry` runs the service; `--help` names its jobs."""

import sys

from services.registry.app import main

main(sys.argv[1:])

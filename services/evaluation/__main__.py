"""`python -m services.evaluation` runs the service; `--help` names its jobs."""

import sys

from services.evaluation.app import main

main(sys.argv[1:])

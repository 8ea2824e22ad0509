"""`python -m services.notifications` runs the service; `--help` names its jobs."""

import sys

from services.notifications.app import main

main(sys.argv[1:])

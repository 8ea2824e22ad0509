"""`python -m services.evaluation` runs the service."""

from services.evaluation.app import main

main()

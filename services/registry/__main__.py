"""`python -m services.registry` runs the service."""

from services.registry.app import main

main()

"""Measures the services: how fast, how cheap, how they grow, and what other tools do with the same dossiers.

`make bench` runs everything; `python -m benchmarks --help` says how to choose. Not part of the services.
"""

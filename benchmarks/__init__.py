"""Loads a running service over HTTP. Imports none of its packages: `python -m benchmarks --help`."""

"""Measures a service that is started for it, over HTTP. Imports none of its packages: `python -m benchmarks --help`."""

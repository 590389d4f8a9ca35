"""Measures and breaks a service that is started for it, over HTTP: `python -m benchmarks --help`.

Imports none of its packages, but for how the checker starts the engines (torture/engines.py) and what the tests plant.
"""

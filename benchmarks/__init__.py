"""Measures and breaks a service that is started for it, over HTTP: see README.md here. Imports none of the product."""

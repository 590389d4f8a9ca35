"""Reads from a replica of PostgreSQL (DATABASE_REPLICA_URL), for which nobody reads his own past."""

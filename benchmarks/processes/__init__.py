"""The processes of a run: PostgreSQL, Redis, nginx, and ChatServer itself, started by its own commands."""

"""ChatServer on several machines, on real engines: `python -m benchmarks scale nginx|sentinel|cluster|…`.

Each server process lives in a network namespace of its own, as on a machine of its own, behind Debian's nginx, on one
PostgreSQL and one Redis over TCP. It needs Linux, root, and Debian's nginx, redis-server, redis-sentinel, pgbouncer and
iproute2. Everything runs in a temporary folder and is taken down at the end.
"""

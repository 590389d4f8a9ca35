"""The checker: breaks everything that can break, and compares what clients saw with what the log says.

`python -m benchmarks torture --minutes 20 --seed 7`

Two servers on a PostgreSQL and a Valkey of their own, writers over REST, readers over the stream, faults that a seed
decides. The oracle is the log in PostgreSQL: it says what happened, in which order, and who might hear it at each
position. Every answer to a writer and every event at a reader is compared with it. See docs/reliability.md.
"""

"""How fast ChatServer is: `python -m benchmarks speed --help`."""

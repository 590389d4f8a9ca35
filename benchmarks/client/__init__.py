"""One client for HTTP and for event streams, for all of benchmarks/."""

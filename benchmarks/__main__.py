"""`python -m benchmarks fanout` or `post`: measure a service that is started for it on fresh data."""

import argparse
import sys

import uvloop

from benchmarks.measures import fan_out, posting


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("measure", choices=["fanout", "post"])
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--rooms", type=int, default=0, help="post: spread over so many rooms; 0: General alone")
    options = parser.parse_args()
    if options.measure == "fanout":
        found = uvloop.run(fan_out(options.streams, options.workers))
    else:
        found = uvloop.run(posting(options.workers, options.rooms))
    sys.stdout.write("  ".join(f"{name} {value:,.3f}" for name, value in found.items()) + "\n")


if __name__ == "__main__":
    main()

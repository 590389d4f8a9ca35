"""Python runs this when it starts with this folder in PYTHONPATH: packages of the tests are not there.

Some that are in requirements.txt import these where they find them. So servers that tests start are like those of
production; and they start in four fifths of the processor time, which a thousand starts feel.
"""

import sys

for name in ("jinja2", "markdown", "pygments", "requests", "rich"):
    sys.modules[name] = None  # type: ignore[assignment]  # to import it is an ImportError

#!/usr/bin/env python
"""Django's command line for ChatServer."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatserver.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import OperationalError

    try:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # The sentence that tells what to set, without the way there.
        sys.exit(f"{type(error).__name__}: {error}")
    except OperationalError as error:
        sys.exit(f"PostgreSQL does not serve this: {str(error).strip()}; DATABASE_URL tells where it is")
    except KeyboardInterrupt:
        # Ctrl-C before the command could see to it itself.
        sys.exit(130)


if __name__ == "__main__":
    main()

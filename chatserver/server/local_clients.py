"""With DEBUG, answers this machine alone, whatever server runs it and on whatever address that listens.

`serve` knows its address and refuses to start (chatserver/management/commands/serve.py); daphne, granian and
`runserver` tell the application only who asks.
"""

from django.conf import settings

from chatserver.errors import Forbidden
from chatserver.http.asgi_types import Scope
from chatserver.http.client_address import is_local


def refuse_strangers_to_debug(scope: Scope) -> None:
    """Forbidden for a request from elsewhere to a server in development."""
    if settings.DEBUG and not is_local(scope):
        raise Forbidden(
            "This server runs with DEBUG=True, for its own machine alone; set DEBUG=False to serve others.",
            code="debug_is_local",
        )

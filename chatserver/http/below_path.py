"""Serves below CHAT_BASE_PATH. The proxy may take it off the path (nginx with `proxy_pass …/;`) or pass it on.

What follows sees paths without it; links have it by Django's FORCE_SCRIPT_NAME. No header says where we are served.
"""

from chatserver.http.asgi_types import Application, Receive, Scope, Send


class BelowPath:
    """An ASGI application below a path."""

    def __init__(self, application: Application, base_path: str) -> None:
        self._application = application
        self._base_path = base_path
        self._prefix = f"{base_path}/"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")  # lifespan has none
        if path == self._base_path and scope["type"] == "http":
            # The path of the cookies ends in a slash: below this address browsers would not send them.
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = self._prefix.encode() + query
            headers = [(b"location", location), (b"content-length", b"0"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 301, "headers": headers})
            await send({"type": "http.response.body", "body": b""})
            return
        if path.startswith(self._prefix):
            scope["path"] = path.removeprefix(self._base_path)
        await self._application(scope, receive, send)

"""The WSGI environment of an ASGI request, see PEP 3333."""

import sys
from io import BytesIO
from typing import Any

from django.utils.http import parse_header_parameters

from chatserver.http.asgi_types import Scope


def build_environ(scope: Scope, body: bytes) -> dict[str, Any]:
    """The environment of a request whose body has arrived."""
    server = scope.get("server") or ("localhost", 80)
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0] if scope.get("client") else "",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
        # An underscore in a header's name would let a client forge one that a proxy sets with a dash.
        if name == "content-type":
            environ["CONTENT_TYPE"] = _content_type(value)
        elif name != "content-length" and "_" not in name:
            key = "HTTP_" + name.upper().replace("-", "_")
            glue = "; " if name == "cookie" else ","
            environ[key] = f"{environ[key]}{glue}{value}" if key in environ else value
    return environ


def _content_type(value: str) -> str:
    """A Content-Type without its charset: bodies are UTF-8 here, and Django breaks at some that Python knows (hex)."""
    try:
        media_type, parameters = parse_header_parameters(value)
    except (LookupError, ValueError):
        return ""
    return f'{media_type}; boundary="{parameters["boundary"]}"' if "boundary" in parameters else media_type

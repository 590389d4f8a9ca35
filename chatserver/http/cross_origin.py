"""Cross-origin requests (CORS) to the API, for pages of CHAT_CORS_ORIGINS, see https://fetch.spec.whatwg.org/#http-cors-protocol

With a bearer token alone: no answer allows credentials, so no browser lets a page of another origin read anything that
was asked for with our cookies. At the entrance of the process, for REST and streams alike.
"""

from django.conf import settings

from chatserver.http.asgi_types import Scope, Send, header

API_PREFIX = "/api/v1/"
# What a page may send and read beyond what every page may.
REQUEST_HEADERS = b"authorization, content-type, last-event-id, x-request-id"
ANSWER_HEADERS = b"retry-after, x-request-id, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset"
CROSS_ORIGIN_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
# For so long a browser need not ask again; Chromium takes no more.
PREFLIGHT_SECONDS = b"7200"

Headers = list[tuple[bytes, bytes]]


def cross_origin_headers(scope: Scope) -> Headers:
    """What lets a page of another origin read this answer; nothing where it may not."""
    if settings.CHAT_CORS_ORIGINS is None or not scope["path"].startswith(API_PREFIX):
        return []
    headers = [(b"vary", b"Origin")]
    origin = header(scope, b"origin")
    if origin is not None and settings.CHAT_CORS_ORIGINS.fullmatch(origin):
        headers.append((b"access-control-allow-origin", origin.encode("latin-1")))
        headers.append((b"access-control-expose-headers", ANSWER_HEADERS))
    return headers


def is_preflight(scope: Scope) -> bool:
    """Whether a browser asks what a page may send, with CHAT_CORS_ORIGINS set."""
    return (
        scope["method"] == "OPTIONS"
        and settings.CHAT_CORS_ORIGINS is not None
        and scope["path"].startswith(API_PREFIX)
        and header(scope, b"access-control-request-method") is not None
    )


async def answer_preflight(scope: Scope, send: Send) -> None:
    """204: with what is allowed, or with nothing for an origin that is not."""
    headers = cross_origin_headers(scope)
    if len(headers) > 1:
        headers += [
            (b"access-control-allow-methods", CROSS_ORIGIN_METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", PREFLIGHT_SECONDS),
        ]
    await send({"type": "http.response.start", "status": 204, "headers": [*headers, (b"cache-control", b"no-store")]})
    await send({"type": "http.response.body", "body": b""})

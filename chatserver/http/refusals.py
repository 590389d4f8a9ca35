"""What answers a request that is refused before Django, or a stream: with a line in the log and in the metrics, too."""

import time

from chatserver.config.logging import log_request
from chatserver.errors import ChatError
from chatserver.http.asgi_types import Scope, Send, header
from chatserver.http.client_address import address_in
from chatserver.http.cross_origin import cross_origin_headers
from chatserver.http.metrics import count_request
from chatserver.http.problems import BodyWriter, problem_body, sane_request_id, write_refusal

# The route of what was refused before it had one.
NO_ROUTE = "refused"


async def send_refusal(
    scope: Scope,
    send: Send,
    error: ChatError,
    *,
    began: float,
    route: str = NO_ROUTE,
    write_body: BodyWriter = problem_body,
    **more_headers: str,
) -> None:
    """Answer with this error. `began` is when the request came, by time.perf_counter()."""
    request_id = sane_request_id(header(scope, b"x-request-id") or "")
    status, headers, body = write_refusal(error, request_id, write_body)
    headers |= {"Content-Length": str(len(body)), "X-Request-ID": request_id, **more_headers}
    seconds = time.perf_counter() - began
    count_request(scope["method"], route, status, seconds)
    log_request(
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=round(seconds * 1000, 1),
        user_id=None,
        address=address_in(scope),
        **error.log_facts,
        code=error.code,
        request_id=request_id,
    )
    encoded = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    encoded += cross_origin_headers(scope)
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})

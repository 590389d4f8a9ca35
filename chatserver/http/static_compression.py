"""Static files, compressed for browsers: the page is a hundred small modules, and networks of phones are slow.

Of other answers none is: where a secret stands beside what a stranger chose, its length tells of it (BREACH).
"""

import gzip
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

# Each file is compressed once for a process. There are fewer.
MAX_COMPRESSED_FILES = 1_000
COMPRESSIBLE = re.compile(r"text/|application/(javascript|json|manifest\+json)|image/svg\+xml")
ACCEPTS_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


class StaticCompressionMiddleware:
    """Around WhiteNoise, which finds the file and compares its version."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(settings.STATIC_URL):
            return self.get_response(request)
        # A compressed version is a weak one, and If-None-Match compares weakly (RFC 9110). WhiteNoise does not.
        if "HTTP_IF_NONE_MATCH" in request.META:
            request.META["HTTP_IF_NONE_MATCH"] = request.META["HTTP_IF_NONE_MATCH"].removeprefix("W/")
        response = self.get_response(request)
        if isinstance(response, FileResponse) and COMPRESSIBLE.match(response.headers.get("Content-Type", "")):
            patch_vary_headers(response, ["Accept-Encoding"])
            is_whole_file = request.method == "GET" and response.status_code == 200
            if is_whole_file and ACCEPTS_GZIP.search(request.META.get("HTTP_ACCEPT_ENCODING", "")):
                return _compressed(response)
        return response


def _compressed(response: FileResponse) -> HttpResponse:
    file: Any = response.file_to_stream
    content = _compressed_file(file.name, response["ETag"])
    file.close()  # not the response, which would end the request
    headers = {
        **response.headers,
        "Content-Encoding": "gzip",
        "Content-Length": str(len(content)),
        "ETag": f"W/{response['ETag']}",
    }
    return HttpResponse(content, headers=headers)


@lru_cache(MAX_COMPRESSED_FILES)
def _compressed_file(path: str, version: str) -> bytes:  # noqa: ARG001 - in development files change
    return gzip.compress(Path(path).read_bytes(), mtime=0)

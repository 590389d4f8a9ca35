"""How a request authenticates, in the OpenAPI schema."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of POST /api/v1/tokens/"}


class PasswordScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.PasswordAuthentication"
    name = "basic"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "basic", "description": "Username and password"}


class CookieScheme(OpenApiAuthenticationExtension):
    target_class = "users.authentication.CookieAuthentication"
    name = "cookie"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        description = (
            "A session of POST /api/v1/session/. Writes need the header X-CSRFToken with the value of the cookie "
            "csrftoken, which GET /api/v1/session/ sets."
        )
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": description}

"""How a request authenticates, in the OpenAPI schema."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension


class CredentialSchemes(OpenApiAuthenticationExtension):
    """Any one of these."""

    target_class = "users.authentication.CredentialAuthentication"
    name = ["bearer", "basic", "cookie"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": "A token of POST /api/v1/tokens/"},
            {"type": "http", "scheme": "basic", "description": "Username and password"},
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "A session of POST /api/v1/session/. Writes need the header X-CSRFToken with the value "
                "of the cookie csrftoken, which GET /api/v1/session/ sets.",
            },
        ]

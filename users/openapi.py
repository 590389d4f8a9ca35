"""How a request authenticates, in the OpenAPI schema."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension

BEARER = (
    "A token of POST /api/v1/tokens/; a JWT of the host product; or the key of a service account, which needs the "
    "scope that an operation names in `x-scope` (`none`: no key is taken; `any`: no scope is needed). With the scope "
    "`act_as` and the header `Chat-On-Behalf-Of: 42` or `external:customer-1042` the request is that person's."
)


class CredentialSchemes(OpenApiAuthenticationExtension):
    """Any one of these."""

    target_class = "users.authentication.CredentialAuthentication"
    name = ["bearer", "basic", "cookie"]

    def get_security_requirement(self, auto_schema: Any) -> list[dict[str, list[Any]]]:
        return [{name: []} for name in self.name]

    def get_security_definition(self, auto_schema: Any) -> list[dict[str, str]]:
        return [
            {"type": "http", "scheme": "bearer", "description": BEARER},
            {"type": "http", "scheme": "basic", "description": "Username and password"},
            {
                "type": "apiKey",
                "in": "cookie",
                "name": settings.SESSION_COOKIE_NAME,
                "description": "A session of POST /api/v1/session/. Writes need the header X-CSRFToken with the value "
                "of the cookie csrftoken, which GET /api/v1/session/ sets.",
            },
        ]

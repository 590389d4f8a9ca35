"""How DRF authenticates, limits, reads and renders. Nothing of it depends on the environment."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "users.authentication.CredentialAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["chatserver.http.json.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chatserver.http.json.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chatserver.http.json.JsonNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["chatserver.http.throttling.RequestThrottle"],
    "EXCEPTION_HANDLER": "chatserver.http.problems.problem_response",
    "DEFAULT_SCHEMA_CLASS": "chatserver.http.openapi.PlainSchema",
}

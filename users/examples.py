"""People and what they sign in with, as the OpenAPI schema and the catalogue of events show them."""

EXAMPLE_PERSON = {
    "id": 1,
    "username": "Adam",
    "display_name": "Adam A.",
    "avatar_url": "https://example.com/a.png",
    "is_deleted": False,
}
EXAMPLE_USER = {
    **EXAMPLE_PERSON,
    "email": "adam@example.com",
    "date_joined": "2026-11-22T13:32:39Z",
    "last_seen_at": None,
    "external_id": "customer-1042",
}
EXAMPLE_PASSWORD = "a long pass phrase"  # noqa: S105 - nobody's
EXAMPLE_SESSION = {"user": EXAMPLE_USER, "credential": "session", "expires_at": "2026-12-06T13:33:24Z"}
NO_SESSION = {"user": None, "credential": None, "expires_at": None}
EXAMPLE_TOKEN = {"token": "ct_…", "expires_at": "2026-12-24T13:33:23Z", "user": EXAMPLE_USER}
EXAMPLE_CREDENTIAL = {
    "id": 9,
    "kind": "token",
    "created_at": "2026-11-24T13:33:23Z",
    "last_used_at": None,
    "expires_at": "2026-12-24T13:33:23Z",
    "is_current": True,
}

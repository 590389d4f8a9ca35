"""The old chat-service, whole: its routes at the root, sessions, room names, its /stream, and the tests of all that.

Only chatserver/legacy_switch.py imports it. The server starts without this package if CHAT_LEGACY_ROUTES is False.

Old clients know no CSRF token; instead these routes refuse what another site sent (Sec-Fetch-Site, Origin).
"""

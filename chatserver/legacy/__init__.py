"""The routes of the old chat-service, at the root. Thin adapters: delete this package and its include to retire them.

Old clients know no CSRF token; instead these routes refuse what another site sent (Sec-Fetch-Site, Origin). The stream
of the same system is the dialect LEGACY of chats/stream.
"""

"""Moderation of people and of what they sign in with."""

from users.admin import held_names, people, service_keys, tokens  # noqa: F401 - each registers its pages

"""What the admin says after a change, in a cookie. Sessions may have ended by that very change."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage

from chatserver.config.base_path import cookie_name


class AdminMessageStorage(CookieStorage):
    """Django's, below CHAT_BASE_PATH under a name of its own."""

    cookie_name = cookie_name("messages", settings.CHAT_BASE_PATH)

"""The settings, all from the environment (or `.env`). An invalid value stops the start with a message.

Every variable is described in `.env.example`; a test compares the two.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from chatserver import __version__
from chatserver.config.base_path import cookie_name, read_base_path
from chatserver.config.data_folder import usable
from chatserver.config.environment import Environment, database_config
from chatserver.config.jwt_settings import read_jwt_settings
from chatserver.config.logging import logging_config
from chatserver.config.origins import origins_pattern
from chatserver.config.redis_url import read_redis_url
from chatserver.config.rest_framework import REST_FRAMEWORK as REST_FRAMEWORK
from chatserver.config.secret_key import kept_secret_key
from chatserver.storage.embedded.paths import Paths

BASE_DIR = Path(__file__).resolve().parent.parent

env = Environment()
# `serve` forgets what these say, so that new workers read the file again.
NAMES_FROM_FILE = env.read_file(BASE_DIR / ".env")
count = env.count

# Development or production
DEBUG = env.bool("DEBUG", default=True)
DATA_DIR = Path(env.str("CHAT_DATA_DIR", default=str(BASE_DIR / "var"))).absolute()
SECRET_KEY = env.str("SECRET_KEY", default="")
SECRET_KEY_FILE = env.str("SECRET_KEY_FILE", default="secret_key" if DEBUG else "")
if not SECRET_KEY:
    if not SECRET_KEY_FILE:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set; production (DEBUG=False) demands a long random one, or SECRET_KEY_FILE"
        )
    with usable(DATA_DIR):
        SECRET_KEY = kept_secret_key(DATA_DIR / SECRET_KEY_FILE)
# Former keys, for what they signed: sessions, and deliveries of webhooks.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
# The names of this machine: a page of a name that was pointed at 127.0.0.1 must not come in.
LOCAL_HOSTS = ["localhost", ".localhost", "127.0.0.1", "[::1]"]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=LOCAL_HOSTS if DEBUG else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Where the host has other things at its root. A header of the proxy that says so is not believed.
CHAT_BASE_PATH = read_base_path(env.str("CHAT_BASE_PATH", default=""))
FORCE_SCRIPT_NAME = CHAT_BASE_PATH or None

# Engines. An empty URL means the embedded one.
EMBEDDED = Paths(DATA_DIR)
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="") or EMBEDDED.redis_url
EMBEDDED_ENGINES = not DATABASE_URL or not env.str("REDIS_URL", default="")
DATABASES = {
    "default": database_config(DATABASE_URL or EMBEDDED.database_url)
    | {
        "ENGINE": "chatserver.storage.postgres",
        # A thread keeps its connection; our backend checks the socket instead of sending a query first.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # PgBouncer in transaction mode may be in between.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
REDIS = read_redis_url(REDIS_URL)
# Two ChatServers that share a Redis need different ones.
REDIS_PREFIX = env.str("REDIS_PREFIX", default="chatserver")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS.channel_layer_host()], "prefix": f"{REDIS_PREFIX}:"},
    },
}

# The application
INSTALLED_APPS = [
    # It gives runserver the stream. Its Twisted takes 16 MB, and a sixth of the time that a process needs to start.
    *(["daphne"] if "runserver" in sys.argv else []),
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "channels",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "chatserver.apps.ChatServerConfig",
    "chatserver.events.apps.EventsConfig",
    "chatserver.audit.apps.AuditConfig",
    "chatserver.webhooks.apps.WebhooksConfig",
    "users.apps.UsersConfig",
    "rooms.apps.RoomsConfig",
    "chats.apps.ChatsConfig",
]
MIDDLEWARE = [
    "chatserver.http.middleware.NoStoreMiddleware",
    "chatserver.http.middleware.HealthMiddleware",
    "chatserver.http.middleware.RequestLogMiddleware",
    "chatserver.audit.middleware.AuditMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "chatserver.http.static_compression.StaticCompressionMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "chatserver.http.middleware.OutageMiddleware",
    "chatserver.http.middleware.ContentSecurityMiddleware",
    "chatserver.http.middleware.PatientSessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "chatserver.http.middleware.PersonMiddleware",
    "chatserver.http.middleware.AdminMessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "chatserver.urls"
ASGI_APPLICATION = "chatserver.asgi.application"
WSGI_APPLICATION = "chatserver.wsgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
USE_TZ = True
STATIC_URL = f"{CHAT_BASE_PATH}/static/"
# Static files are served from the packages: there is no collectstatic.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 300
# Of forms. Bodies have a limit by route before Django sees them (chatserver/http/body_limits.py).
DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024

# People
AUTH_USER_MODEL = "users.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
SESSION_ENGINE = "users.sessions"
SESSION_COOKIE_SAMESITE = "Lax"
# Whatever else is on the host has cookies of its own, perhaps another Django's.
SESSION_COOKIE_NAME = cookie_name("sessionid", CHAT_BASE_PATH)
CSRF_COOKIE_NAME = cookie_name("csrftoken", CHAT_BASE_PATH)
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = f"{CHAT_BASE_PATH}/"
MESSAGE_STORAGE = "chatserver.http.admin_messages.AdminMessageStorage"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("CHAT_HTTPS", default=False)
SECURE_SSL_REDIRECT = env.bool("CHAT_HTTPS_REDIRECT", default=False)
SECURE_HSTS_SECONDS = count("CHAT_HSTS_SECONDS", 0, least=0)
# Subdomains and the browsers' preload list are for the owner of the domain to decide, not for one service on it.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
CHAT_BEHIND_HTTPS_PROXY = env.bool("CHAT_BEHIND_HTTPS_PROXY", default=False)
if CHAT_BEHIND_HTTPS_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CHAT_OPEN_REGISTRATION = env.bool("CHAT_OPEN_REGISTRATION", default=True)
RESERVED = (
    "admin,administrator,anonymous,chatserver,deleted,everybody,everyone,help,helpdesk,moderator,nobody,official,root,"
    "security,staff,support,system,webmaster"
)
CHAT_RESERVED_USERNAMES = env.list("CHAT_RESERVED_USERNAMES", default=RESERVED.split(","))
# `serve --demo` sets it for its workers, on this machine.
CHAT_PASSWORDLESS_LOGIN = env.bool("CHAT_PASSWORDLESS_LOGIN", default=False)
CHAT_TOKEN_DAYS = count("CHAT_TOKEN_DAYS", 30, most=36_500)
# The name keeps it off the error pages of DEBUG.
CHAT_JWT_KEYS = read_jwt_settings(env, DATA_DIR)
CHAT_GENERAL = env.bool("CHAT_GENERAL", default=True)
CHAT_DIRECTORY = env.choice("CHAT_DIRECTORY", of="everybody rooms nobody", default="everybody")
CHAT_DIRECT_MESSAGES = env.choice("CHAT_DIRECT_MESSAGES", of="anybody rooms nobody", default="anybody")
CHAT_ROOM_CREATION = env.choice("CHAT_ROOM_CREATION", of="everybody services", default="everybody")
# The routes and the stream of the old chat-service.
CHAT_LEGACY_ROUTES = env.bool("CHAT_LEGACY_ROUTES", default=True)
if CHAT_LEGACY_ROUTES and find_spec("chatserver.legacy") is None:
    raise ImproperlyConfigured("CHAT_LEGACY_ROUTES is True, but there is no chatserver/legacy; set it to False")

# Limits
CHAT_MAX_STREAMS = count("CHAT_MAX_STREAMS", 20_000)
CHAT_MAX_CONNECTIONS_PER_ADDRESS = count("CHAT_MAX_CONNECTIONS_PER_ADDRESS", 1_000, least=0)
CHAT_LOG_DAYS = count("CHAT_LOG_DAYS", 14)
CHAT_EDIT_HISTORY_DAYS = count("CHAT_EDIT_HISTORY_DAYS", 0, least=0, most=36_500)
CHAT_AUDIT_DAYS = count("CHAT_AUDIT_DAYS", 180, most=36_500)
CHAT_MAX_ROOMS = count("CHAT_MAX_ROOMS", 1000)
CHAT_THROTTLE_LOGIN = env.rate("CHAT_THROTTLE_LOGIN", default="20/minute")
CHAT_THROTTLE_REGISTRATION = env.rate("CHAT_THROTTLE_REGISTRATION", default="60/hour")
CHAT_THROTTLE_PROFILE = env.rate("CHAT_THROTTLE_PROFILE", default="60/hour")
CHAT_THROTTLE_WRITES = env.rate("CHAT_THROTTLE_WRITES", default="1200/minute")
CHAT_THROTTLE_READS = env.rate("CHAT_THROTTLE_READS", default="6000/minute")
CHAT_THROTTLE_ROOM_WRITES = env.rate("CHAT_THROTTLE_ROOM_WRITES", default="30000/minute")
CHAT_THROTTLE_ROOMS = env.rate("CHAT_THROTTLE_ROOMS", default="600/hour")
CHAT_THROTTLE_MEMBERS = env.rate("CHAT_THROTTLE_MEMBERS", default="2000/hour")
CHAT_THROTTLE_STRANGERS = env.rate("CHAT_THROTTLE_STRANGERS", default="60/hour")
# How many proxies of ours are in front and append to X-Forwarded-For.
CHAT_NUM_PROXIES = count("CHAT_NUM_PROXIES", 0, least=0)
# Pages of these origins may use the API with a bearer token.
CHAT_CORS_ORIGINS = origins_pattern(env.list("CHAT_CORS_ORIGINS", default=[]))
# For development: webhooks and key sets on this machine or in this network.
CHAT_OUTBOUND_PRIVATE = env.bool("CHAT_OUTBOUND_PRIVATE", default=False)
# Whether `serve` delivers webhooks; else only `run_workers` does.
CHAT_SERVE_WEBHOOKS = env.bool("CHAT_SERVE_WEBHOOKS", default=True)
CHAT_METRICS_TOKEN = env.str("CHAT_METRICS_TOKEN", default="")
# Threads for REST in a server process, besides six for short requests, sign-in and probes; `serve --threads` wins.
CHAT_THREADS = count("CHAT_THREADS", 6)

SPECTACULAR_SETTINGS = {
    "TITLE": "ChatServer",
    "DESCRIPTION": "Rooms, messages and one stream. See docs/api.md for a guided tour with curl.",
    "VERSION": __version__,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SCHEMA_PATH_PREFIX_TRIM": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "COMPONENT_SPLIT_PATCH": False,  # our serializers say themselves what may be left out
    "SERVERS": [{"url": CHAT_BASE_PATH or "/"}],
    "OAS_VERSION": "3.1.0",
    "SERVE_AUTHENTICATION": [],
    "ENUM_NAME_OVERRIDES": {
        "RoomKindEnum": "rooms.models.Kind",
        "GroupKindEnum": ["open", "closed"],
        "AllowedEnum": "rooms.room_settings.Allowed",
        "PresenceStatusEnum": ["online", "away", "offline"],
        "OnlineStatusEnum": ["online", "away"],
    },
    "POSTPROCESSING_HOOKS": [
        "chatserver.events.openapi.describe_events",
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatserver.http.openapi_refusals.describe_refusals",
        "chatserver.http.openapi.explain_tags",
    ],
}

LOGGING_CONFIG = None
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
LOG_FORMAT = env.str("LOG_FORMAT", default="console" if DEBUG else "json")
logging_config(LOG_LEVEL, LOG_FORMAT)

env.refuse_unknown(NAMES_FROM_FILE)

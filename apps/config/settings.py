"""All settings of the product. Each comes from the environment or has a default that lets a clone run; see .env.example."""

from __future__ import annotations

from pathlib import Path

from django.utils.translation import gettext_lazy as _

from apps.core import env

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
VAR_DIR.mkdir(parents=True, exist_ok=True)

# --- safety -----------------------------------------------------------------------------------------------------
DEBUG = env.flag("DEBUG", False)
SECRET_KEY = env.text("SECRET_KEY") or ("development-only-key-never-for-production" if DEBUG else "")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
SALT_KEY = env.words("SALT_KEY") or [SECRET_KEY]  # encrypts stored secrets; rotate by putting the new one first
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
HTTPS = env.flag("HTTPS", False)
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if env.flag("BEHIND_PROXY", False) else None
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000" if DEBUG else "").rstrip("/")
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "EXCLUDE_URL_PREFIXES": ["/admin/"],  # the admin theme needs inline script; staff only, and framed by nobody
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'", "ws:", "wss:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}

# --- parts ------------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "channels",
    "ninja",
    "apps.core",
    "apps.accounts",
    "apps.bots",
    "apps.knowledge",
    "apps.flows",
    "apps.conversations",
    "apps.learning",
    "apps.studio",
    "apps.demo",
    "apps.config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "apps.config.urls"
ASGI_APPLICATION = "apps.config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ],
        },
    },
]

# --- data -------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'zhike.sqlite3'}")}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# One writer at a time is all SQLite has: one thread queues in order, where two would wait by sleeping on its lock.
DB_THREADS = env.integer("DB_THREADS", 1 if "sqlite" in str(DATABASES["default"]["ENGINE"]) else 8, most=64)
REDIS_URL = env.text("REDIS_URL")  # carries news to sockets of other processes
CHANNEL_LAYERS: dict[str, dict[str, object]] = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
if REDIS_URL:
    CHANNEL_LAYERS["default"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "zhike"},
    }

# --- accounts ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "studio:home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "registration/locked.html"

# --- languages and time -----------------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.text("TIME_ZONE", "Asia/Shanghai")

# --- files ------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 262_144
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
IMPORT_MAX_BYTES = env.integer("IMPORT_MAX_BYTES", 20_000_000, least=1_000)

# --- conversations ----------------------------------------------------------------------------------------------
MESSAGE_MAX_CHARS = 2_000
CHAT_PER_MINUTE = env.integer("CHAT_PER_MINUTE", 60, least=1)
CHAT_BURST = env.integer("CHAT_BURST", 30, least=1)
SESSIONS_PER_MINUTE = env.integer("SESSIONS_PER_MINUTE", 120, least=1)  # new conversations from one address
SESSIONS_BURST = env.integer("SESSIONS_BURST", 60, least=1)
CHAT_TOKEN_DAYS = env.integer("CHAT_TOKEN_DAYS", 30, least=1)
TURN_LEASE_SECONDS = 30
TASK_REMINDER_SECONDS = env.integer("TASK_REMINDER_SECONDS", 300, least=10)  # of silence in the middle of a task
ENGINE_THREADS = env.integer("ENGINE_THREADS", 2, least=1, most=64)

# --- outside systems --------------------------------------------------------------------------------------------
OUTBOUND_ALLOW = env.words("OUTBOUND_ALLOW")  # host:port that may be called although it is private or without TLS

# --- models -----------------------------------------------------------------------------------------------------
ENCODER = env.text("ENCODER")  # as in nlu/encode/specs.py; empty is the shipped one
RERANKER = env.text("RERANKER")
ENCODER_API_KEY = env.text("ENCODER_API_KEY")
RERANKER_API_KEY = env.text("RERANKER_API_KEY")
INFERENCE_API_KEY = env.text("INFERENCE_API_KEY")  # what `manage.py inference` asks of its callers

# --- the admin's look -------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Zhike 智客",
    "SITE_HEADER": _("Zhike back office"),
    "SITE_SYMBOL": "forum",
    "SHOW_HISTORY": True,
    "SHOW_LANGUAGES": True,
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "apps.core.logs.MaskPersonalData"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["mask"]}},
    "loggers": {
        "faiss": {"level": "WARNING"},  # it tells at length how it was loaded
        "httpx": {"level": "WARNING"},  # a line for every call, and its address with it
    },
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
}

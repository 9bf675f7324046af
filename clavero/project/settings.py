"""Django's settings, derived from the environment (INTERFACES, "Settings")."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from clavero import environment as env

ROOT = Path(__file__).resolve().parent.parent
DEMO = env.read("CLAVERO_DEMO") == "1"
TEST = False
DEBUG = False

BASE_URL = env.base_url(env.require("CLAVERO_BASE_URL"))
DESK_URL = env.base_url(env.read("CLAVERO_DESK_URL") or BASE_URL, "CLAVERO_DESK_URL")
SECURE = BASE_URL.startswith("https://")
SECRET_KEY = env.require("CLAVERO_SECRET_KEY")
SECRET_KEY_FALLBACKS = (env.read("CLAVERO_SECRET_KEY_FORMER") or "").split()
KEY_PEPPER = env.require("CLAVERO_KEY_PEPPER")
FIELD_KEYS = env.require("CLAVERO_FIELD_KEYS")
AUDIT_KEY = env.read("CLAVERO_AUDIT_KEY", "")
SMTP_URL = env.smtp_url(env.read("CLAVERO_SMTP_URL") or "")
OPERATORS_MAIL = env.mailboxes(env.read("CLAVERO_OPERATORS_MAIL") or "")
BOUNCES = env.bounces(env.read("CLAVERO_BOUNCES") or "")
METRICS_TOKEN = env.token(env.read("CLAVERO_METRICS_TOKEN") or "")
HEAD_POST = "clavero.notices.smtp.post"
MAIL_TRANSPORT = "clavero.demo.mailbox.Mailbox" if DEMO else "clavero.notices.smtp.Smtp"
SRI_URL = env.address(env.read("CLAVERO_SRI_URL") or "", "CLAVERO_SRI_URL")
SRI_TRANSPORT = (
    "clavero.demo.sri.fetch" if DEMO else "clavero.catastro.sri.fetch" if SRI_URL else ""
)
SMS_URL = env.sms_url(env.read("CLAVERO_SMS_URL") or "")
SMS_TOKEN = env.read("CLAVERO_SMS_TOKEN") or ""
SMS_TRANSPORT = (
    "clavero.notices.gateway.Folder"
    if SMS_URL.startswith("file:")
    else "clavero.notices.gateway.Http"
)
SMS_TRANSPORT = "clavero.demo.mailbox.Phones" if DEMO else SMS_TRANSPORT if SMS_URL else ""
TRUSTED_PROXIES = env.networks(env.read("CLAVERO_TRUSTED_PROXIES") or "")
OFFLINE = env.read("CLAVERO_OFFLINE") or ""
SECURITY_CONTACT = env.contacts(env.read("CLAVERO_SECURITY_CONTACT") or "")
SECURITY_EXPIRES = env.expiry(
    env.read("CLAVERO_SECURITY_EXPIRES") or "", env.read("CLAVERO_SECURITY_CONTACT") or ""
)

ALLOWED_HOSTS = sorted({urlsplit(BASE_URL).hostname or "", urlsplit(DESK_URL).hostname or ""})
if not SECURE:
    ALLOWED_HOSTS += ["127.0.0.1", "[::1]"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "clavero.ui",
    "clavero.audit",
    "clavero.privacy",
    "clavero.throttle",
    "clavero.catastro",
    "clavero.notices",
    "clavero.appointments",
    "clavero.employers",
    "clavero.keys",
    "clavero.recovery",
    "clavero.desk",
    "clavero.guidance",
    "clavero.precheck",
    "clavero.rights",
]
if DEMO:
    INSTALLED_APPS.append("clavero.demo")

MIDDLEWARE = [
    "clavero.project.middleware.Frame",
    "clavero.project.middleware.Offline",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "clavero.project.middleware.Hosts",
    "clavero.project.middleware.Doorstep",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "clavero.project.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "clavero.project.urls"
WSGI_APPLICATION = "clavero.project.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "clavero.ui.context.page",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "clavero.ui.templatetags.clavero",
                "clavero.recovery.templatetags.recovery",
                "clavero.appointments.templatetags.appointments",
                "clavero.notices.templatetags.announced",
            ],
        },
    }
]

_db = env.database(env.require("CLAVERO_DATABASE_URL"))
if _db.is_sqlite:
    DATABASES: dict[str, dict[str, Any]] = {
        "default": {
            "ENGINE": _db.engine,
            "NAME": _db.name,
            # Without IMMEDIATE, two writers lose most of their transactions (STACK 3.3).
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
            "CONN_MAX_AGE": None,
        }
    }
else:
    # A server that is silent is given up soon: a process has few threads (K07).
    _options = {"connect_timeout": "5"} | dict(_db.options)
    # The server plans each statement once a connection. Behind a pooler that hands out connections by
    # transaction and cannot carry prepared statements, `?prepare=no` in the address turns this off.
    _prepares = _options.pop("prepare", "yes") != "no"
    _statements: dict[str, Any] = (
        {"server_side_binding": True, "prepare_threshold": 2} if _prepares else {}
    )
    DATABASES = {
        "default": {
            "ENGINE": _db.engine,
            "NAME": _db.name,
            "HOST": _db.host,
            "PORT": _db.port,
            "USER": _db.user,
            "PASSWORD": _db.password,
            "OPTIONS": _statements | _options,
            # A connection per request costs 76 ms a journey (PERFORMANCE 6).
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": False,
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español"), ("en", "English")]
LOCALE_PATHS = [ROOT / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "America/Guayaquil"

STATIC_URL = "/static/"
STATIC_ROOT = (ROOT.parent / "staticfiles") if (ROOT.parent / "staticfiles").is_dir() else None
WHITENOISE_USE_FINDERS = True

AUTH_USER_MODEL = "keys.Account"
AUTHENTICATION_BACKENDS = ["clavero.keys.backends.KeyBackend"]
AUTH_PASSWORD_VALIDATORS: list[dict[str, str]] = []
LOGIN_URL = "/entrar/"
LOGIN_REDIRECT_URL = "/cuenta/"
SESSION_ENGINE = "clavero.keys.session_store"
SESSION_COOKIE_NAME = "__Host-clavero" if SECURE else "clavero"
SESSION_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf" if SECURE else "csrf"
CSRF_COOKIE_SECURE = SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None
# What a browser names as the origin of our own forms, also where a proxy does not say that it spoke https.
CSRF_TRUSTED_ORIGINS = [BASE_URL, DESK_URL] if SECURE else []
CSRF_FAILURE_VIEW = "clavero.project.views.csrf_failure"
LANGUAGE_COOKIE_NAME = "__Host-lang" if SECURE else "lang"
LANGUAGE_COOKIE_SECURE = SECURE
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"

SECURE_CONTENT_TYPE_NOSNIFF = True
# "no-referrer" would make browsers send `Origin: null` with our own forms; addresses with a token answer with it.
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE
SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = False
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 60
FILE_UPLOAD_HANDLERS = [
    "clavero.precheck.uploads.Capped",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
SILENCED_SYSTEM_CHECKS = [
    # The proxy redirects to https (docs/operations.md); a second redirect here would hide its mistakes.
    "security.W008",
    # `Frame` sets X-Frame-Options on every answer, errors too; a house test looks for it.
    "security.W002",
]

ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = False  # `throttle` is the only limiter.
ACCOUNT_ADAPTER = "clavero.keys.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_LOGIN_METHODS = {"username"}
# Staff sign in with passkeys alone; codes of six digits stand in for them in the demonstration (S-072).
DESK_CODES = DEMO
MFA_ADAPTER = "clavero.keys.adapter.FactorAdapter"
MFA_SUPPORTED_TYPES = ["webauthn", "totp"] if DEMO else ["webauthn"]

LOGGING_CONFIG = "clavero.project.logs.configure"
LOGGING = {"version": 1}  # Django calls the function only where there is something
TEST_RUNNER = "django.test.runner.DiscoverRunner"

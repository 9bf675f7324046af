"""Settings of the tests: the same as production's, with keys made for one run and an embedded database."""

import os
import secrets

os.environ.setdefault("CLAVERO_BASE_URL", "http://localhost:8000")
os.environ.setdefault("CLAVERO_SECRET_KEY", secrets.token_urlsafe(48))
os.environ.setdefault("CLAVERO_KEY_PEPPER", "p1:" + secrets.token_urlsafe(32))
os.environ.setdefault("CLAVERO_FIELD_KEYS", "f1:" + secrets.token_urlsafe(32))
os.environ.setdefault("CLAVERO_AUDIT_KEY", secrets.token_urlsafe(32))
os.environ.setdefault(
    "CLAVERO_DATABASE_URL", os.environ.get("CLAVERO_TEST_DATABASE_URL") or "sqlite:///test.sqlite3"
)
os.environ.setdefault("CLAVERO_PROFILE", "iess")

from clavero.project.settings import *  # noqa: F403
from clavero.project.settings import DATABASES, INSTALLED_APPS

TEST = True
DESK_CODES = True
if "clavero.demo" not in INSTALLED_APPS:
    INSTALLED_APPS.append("clavero.demo")
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Under xdist each worker has its own file; in memory threads would share one connection.
    DATABASES["default"]["TEST"] = {"NAME": None}
MAIL_TRANSPORT = "clavero.demo.mailbox.Mailbox"
SMS_TRANSPORT = "clavero.demo.mailbox.Phones"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

"""Bugsink's settings: one user, one project, on loopback, silent towards the world, strict about events."""

# The star is Bugsink's own way to be configured: whatever is not said here is its default.
import os

from bugsink.settings.default import *  # noqa: F403
from bugsink.settings.default import DATABASES

HOME = os.environ["BUGSINK_HOME"]
SECRET_KEY = "of-no-worth-" + "x" * 50
ALLOWED_HOSTS = ["127.0.0.1"]
TIME_ZONE = "UTC"
DATABASES["default"]["NAME"] = f"{HOME}/db.sqlite3"
DATABASES["snappea"]["NAME"] = f"{HOME}/snappea.sqlite3"
SNAPPEA = {"TASK_ALWAYS_EAGER": True}  # an event is stored, or refused, before its request is answered
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
SENTRY_DSN = None
BUGSINK = {
    "BASE_URL": os.environ.get("BUGSINK_URL", "http://127.0.0.1"),
    "SINGLE_USER": True,
    "SINGLE_TEAM": True,
    "USER_REGISTRATION": "CB_NOBODY",
    "PHONEHOME": False,  # else it tells its makers
    "ALERTS_WEBHOOK_OUTBOUND_MODE": "allowlist_only",
    "INGEST_STORE_BASE_DIR": f"{HOME}/ingest",
    "VALIDATE_ON_DIGEST": "strict",  # events that break Sentry's schema are not stored (yet answered 200)
}

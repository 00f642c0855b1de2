"""The product's settings for tests: a database of their own, and database hops in the test's own thread."""

import os
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="zhike-tests-")
os.environ.setdefault("VAR_DIR", _FOLDER)
os.environ.setdefault("SECRET_KEY", "only-for-tests-and-long-enough-to-sign-with")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ["DB_THREADS"] = "0"
os.environ["ENCODER"] = os.environ["RERANKER"] = "off"  # tests that need a model bring their own
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"

from apps.config.settings import *  # noqa: E402, F403
from apps.config.settings import DATABASES  # noqa: E402

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, as in production: in memory SQLite has no WAL and other locks.
    DATABASES["default"]["TEST"] = {"NAME": os.path.join(_FOLDER, f"test-{os.getpid()}.sqlite3")}
else:
    DATABASES["default"]["TEST"] = {"NAME": "test_zhike"}
LANGUAGE_CODE = "en"  # messages are asserted in the language they are written in
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

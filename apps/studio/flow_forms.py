"""What the forms about flows send, as the services take it."""

from __future__ import annotations

import re
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext as _

from apps.core.errors import Invalid, TooLarge
from apps.flows.services import MAX_FILE_CHARS

_NOT_IN_A_NAME = re.compile(r"[^a-z0-9_-]+")


def file_name(text: str) -> str:
    """A file's name as the address shows it; empty where nothing is left."""
    return _NOT_IN_A_NAME.sub("-", text.strip().lower()).strip("-_")[:60]


def source_of(request: HttpRequest) -> str:
    """The text of a file, sent as one or as a field, whatever ends its lines.

    Raises:
        Invalid: it is no text.
        TooLarge: it is far too long.
    """
    given = request.FILES.get("source")
    return uploaded(given)[1] if given else _lines(request.POST.get("source", ""))


def uploaded(given: object) -> tuple[str, str]:
    """Name and text of a file.

    Raises:
        Invalid: it is not there, or no text.
        TooLarge: it is far too long.
    """
    if not isinstance(given, UploadedFile) or not given.name:
        raise Invalid(_("Choose a YAML file first."))
    if given.size is None or given.size > 4 * MAX_FILE_CHARS:
        raise TooLarge(_("A flow file has at most %d characters; split it.") % MAX_FILE_CHARS)
    try:
        return file_name(PurePath(given.name).stem), _lines(given.read().decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Invalid(_("“%s” is no UTF-8 text. Save it as UTF-8 and import it again.") % given.name) from error


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")

"""Knowledge from a file, looked at before it is written; and knowledge as a file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.models import Role
from apps.bots.models import Bot
from apps.core.errors import Invalid, NotFound, TooLarge, ZhikeError
from apps.knowledge.exporting import export_bytes
from apps.knowledge.importing import ImportReport, knowledge_import
from apps.knowledge.readers import read_rows
from apps.studio.frame import StudioRequest, changed, is_htmx, studio_view

SHOWN = 200
"""Bad rows and warnings that the page lists; the counts are of all."""
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class Upload:
    """``digest`` goes out with the report and comes back with the confirmation: only what was looked at is written."""

    name: str
    data: bytes

    @property
    def digest(self) -> str:
        return hashlib.blake2b(self.data, digest_size=16).hexdigest()


@studio_view(Role.EDITOR, section="knowledge")
@require_http_methods(["GET", "POST"])
def knowledge_file(request: StudioRequest, bot: Bot) -> HttpResponse:
    """The form; a report on the file that was sent; and with ``digest`` of a looked-at file the import itself."""
    if request.method == "GET":
        return render(request, "studio/import.html", {"limit": settings.IMPORT_MAX_BYTES})
    try:
        upload = _upload(request)
        report = _run(request, bot, upload)
    except ZhikeError as error:
        response = _page(request, {"error": error, "limit": settings.IMPORT_MAX_BYTES})
        response.status_code = 422
        return response
    context = {
        "upload": upload,
        "report": report,
        "bad": report.bad[:SHOWN],
        "warnings": report.warnings[:SHOWN],
        "limit": settings.IMPORT_MAX_BYTES,
        "good": report.created + report.changed + report.unchanged,
    }
    response = _page(request, context)
    return changed(response) if report.written else response


@studio_view(Role.VIEWER, section="knowledge")
@require_GET
def knowledge_export(request: StudioRequest, bot: Bot, form: str) -> HttpResponse:
    """All drafts as a file that imports again without a change."""
    if form not in TYPES:
        raise NotFound(_("There is no export as “%s”.") % form)
    name = f"{bot.slug}-knowledge.{form}"
    data, _count = export_bytes(bot=bot, name=name)
    response = HttpResponse(data, content_type=TYPES[form])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _upload(request: StudioRequest) -> Upload:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile) or not file.name:
        raise Invalid(_("Choose a file first."))
    if (file.size or 0) > settings.IMPORT_MAX_BYTES:
        most = settings.IMPORT_MAX_BYTES // 1_000_000
        raise TooLarge(_("The file has more than %d MB. Split it and import the parts.") % most)
    return Upload(file.name, file.read())


def _run(request: StudioRequest, bot: Bot, upload: Upload) -> ImportReport:
    rows = read_rows(upload.name, upload.data)
    looked_at = request.POST.get("digest") == upload.digest
    return knowledge_import(
        bot=bot,
        rows=rows,
        by=request.user,
        dry_run=not looked_at,
        skip_bad=request.POST.get("skip_bad") == "on",
    )


def _page(request: StudioRequest, context: dict[str, object]) -> HttpResponse:
    template = "studio/parts/import_report.html" if is_htmx(request) else "studio/import.html"
    return render(request, template, context)

"""The shop's doors: requests of actions, and the invoices that customers get a link to."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.core.errors import NotFound, ZhikeError
from apps.demo.shop.orders import name_of
from apps.demo.shop.requests import action_answer
from apps.demo.shop.selectors import invoice_of


@csrf_exempt
@require_POST
def actions(request: HttpRequest) -> HttpResponse:
    """Whoever calls proves it by the signature of the body; no session or cookie is read."""
    try:
        answer = action_answer(
            body=request.body,
            headers=request.headers,
            origin=settings.PUBLIC_URL or request.build_absolute_uri("/").rstrip("/"),
            now=timezone.now(),
        )
    except ZhikeError as error:
        return JsonResponse({"status": "error", "message": error.detail}, status=error.status)
    return JsonResponse(answer)


@require_safe
def invoice(request: HttpRequest, invoice_id: UUID) -> HttpResponse:
    try:
        found = invoice_of(invoice_id)
    except NotFound as error:
        raise Http404(error.detail) from error
    lang = "en" if (get_language() or "").startswith("en") else "zh"
    return render(request, "demo/invoice.html", {"invoice": found, "item": name_of(found.order, lang)})

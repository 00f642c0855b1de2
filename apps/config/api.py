"""The HTTP API of all rooms as one, with its description at ``/api/schema/`` and its pages at ``/api/docs/``."""

from __future__ import annotations

from ninja import NinjaAPI

from apps.conversations.api import router as chat
from apps.core import problems
from apps.flows.api import router as flows
from apps.knowledge.api import router as knowledge
from apps.learning.api import router as learning
from apps.studio.api import router as search

api = NinjaAPI(
    title="Zhike",
    version="1",
    description="Errors are problem+json (RFC 9457). Visitors use a bearer token from POST /api/v1/chat/sessions.",
    openapi_url="/schema/",
    docs_url="/docs/",
)
problems.install(api)
api.add_router("/v1/chat", chat)
api.add_router("/v1/bots", knowledge)
api.add_router("/v1/bots", flows)
api.add_router("/v1/bots", search)
api.add_router("/v1/bots", learning)

"""One hop from the event loop to the database.

A hop runs one short function (one transaction) in a thread of its own kind, so that a request costs as many hops as it
has transactions and never waits behind somebody's upload. With ``DB_THREADS=0`` the caller's thread-sensitive thread is
used: tests see their own transaction.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connection

P = ParamSpec("P")
R = TypeVar("R")


async def hop(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run ``function`` where the database may be used, and await its result."""
    call = partial(function, *args, **kwargs)
    if settings.DB_THREADS == 0:
        return await sync_to_async(call, thread_sensitive=True)()
    # The context carries the request's language into the thread.
    context = contextvars.copy_context()
    return await asyncio.get_running_loop().run_in_executor(_pool(), context.run, _with_fresh_connection, call)


def _with_fresh_connection(call: Callable[[], R]) -> R:
    connection.close_if_unusable_or_obsolete()
    return call()


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(settings.DB_THREADS, thread_name_prefix="database")

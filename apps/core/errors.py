"""Everything that may be said to a caller.

ZhikeError
├── Malformed        400  the request could not be read
├── Unauthenticated  401  no token, or one that is wrong or expired
├── Forbidden        403  a member without the role for it
├── NotFound         404  does not exist, or not for this caller
├── Conflict         409  somebody else was first
├── TooLarge         413
├── Invalid          422  read, and not acceptable; ``fields`` says where
└── TooManyRequests  429  ``retry_after`` seconds
"""

from __future__ import annotations

from collections.abc import Mapping


class ZhikeError(Exception):
    """``detail`` is a whole sentence for the person who reads it: what happened and what to do."""

    status = 500
    code = "error"
    title = "Something went wrong"

    def __init__(self, detail: str, *, code: str = "", fields: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = dict(fields or {})
        if code:
            self.code = code


class Malformed(ZhikeError):
    status, code, title = 400, "malformed", "The request could not be read"


class Unauthenticated(ZhikeError):
    status, code, title = 401, "unauthenticated", "A valid token is needed"


class Forbidden(ZhikeError):
    status, code, title = 403, "forbidden", "Your role does not allow this"


class NotFound(ZhikeError):
    status, code, title = 404, "not_found", "Not found"


class Conflict(ZhikeError):
    status, code, title = 409, "conflict", "Changed by somebody else"


class TooLarge(ZhikeError):
    status, code, title = 413, "too_large", "Too large"


class Invalid(ZhikeError):
    status, code, title = 422, "invalid", "Not acceptable"


class TooManyRequests(ZhikeError):
    status, code, title = 429, "too_many_requests", "Too many requests"

    def __init__(self, detail: str, *, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after

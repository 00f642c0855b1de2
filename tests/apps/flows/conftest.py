from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.apps.flows.business import Business, business_open


@pytest.fixture
def business(settings: Any) -> Iterator[Business]:
    """A server that the product may call although it is on this machine."""
    with business_open() as found:
        settings.OUTBOUND_ALLOW = [found.url.split("/")[2]]
        yield found

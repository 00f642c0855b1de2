from __future__ import annotations

import pytest

from dialog.engine import Engine
from tests.dialog.samples import publication


@pytest.fixture(scope="session")
def engine() -> Engine:
    """Built once: an engine never changes."""
    return Engine.build(publication())

from __future__ import annotations

import pytest

from tests.apps.demo.caller import Caller


@pytest.fixture
def caller(db: None) -> Caller:
    return Caller()

"""The baseline learns from the same examples."""

from __future__ import annotations

from nlu.intent.baseline import svm_intents
from nlu.intent.types import OUT_OF_SCOPE
from tests.nlu.intent.sentences import examples


def test_it_names_the_intent_of_each_text() -> None:
    found = svm_intents(examples(others=True), ["开一张发票", "申请退款", "给我讲个笑话吧"])
    assert found == ["invoice", "refund", OUT_OF_SCOPE]

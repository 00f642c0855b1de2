"""The operators' API of knowledge: what each door stores, and who gets in."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from ninja import NinjaAPI
from ninja.testing import TestClient

from apps.accounts.models import User
from apps.core import problems
from apps.knowledge.api import router
from apps.knowledge.models import Entry, Publication, Rule
from apps.studio.api import router as search_router
from tests.people import World

ENTRY = {"question": "能开收据吗", "answer": "可以。", "similar": ["给个收据"]}
RULE = {"name": "投诉", "kind": "keyword", "patterns": ["投诉"], "action": "handoff"}


@pytest.fixture(scope="module")
def door() -> TestClient:
    """The two routers as the project mounts them, with its errors."""
    api = NinjaAPI(urls_namespace="operators-under-test")
    problems.install(api)
    api.add_router("/bots", router)
    api.add_router("/bots", search_router)
    return TestClient(api)


class Operator:
    """Calls as one user; a session of the browser would do the same."""

    def __init__(self, door: TestClient, user: User) -> None:
        self._door = door
        self._user = user

    def __call__(self, method: str, path: str, body: Any = None) -> Any:
        return self._door.request(method, f"/bots/{path}", json=body, user=self._user)


@pytest.fixture
def editor(door: TestClient, shop: World) -> Operator:
    return Operator(door, shop.editor)


def test_an_entry_is_created_read_changed_and_archived(editor: Operator) -> None:
    made = editor("POST", "shop/entries", ENTRY)
    assert made.status_code == 201
    path = f"shop/entries/{made.json()['id']}"
    dated = {**ENTRY, "answer": "可以，联系客服。", "valid_to": "2099-01-01T00:00:00+08:00", "revision": 1}
    assert editor("PUT", path, dated).json()["revision"] == 2
    assert editor("GET", path).json()["valid_to"].startswith("2098-12-31T16:00:00")
    assert editor("PUT", path, dated).status_code == 409
    assert editor("DELETE", path).status_code == 204
    assert Entry.objects.get(question="能开收据吗").status == "archived"


def test_the_list_filters(editor: Operator) -> None:
    found = editor("GET", "shop/entries?q=咋退&status=published").json()
    assert (found["count"], found["items"][0]["question"]) == (1, "怎么退货")


def test_small_lists_can_be_kept(editor: Operator) -> None:
    for name, body, change in (
        ("synonyms", {"words": ["快递", "包裹"]}, {"words": ["快递", "包裹", "邮包"]}),
        ("rules", RULE, {**RULE, "patterns": ["投诉", "12315"]}),
        ("words", {"text": "赌博", "level": "block"}, {"text": "赌博", "level": "warn"}),
    ):
        made = editor("POST", f"shop/{name}", body).json()
        changed = editor("PUT", f"shop/{name}/{made['id']}", change).json()
        assert changed["id"] == made["id"]
        assert {key: changed[key] for key in change} == change
        assert editor("GET", f"shop/{name}").json()["items"] == [changed]
        assert editor("DELETE", f"shop/{name}/{made['id']}").status_code == 204
        assert editor("GET", f"shop/{name}").json()["items"] == []


def test_a_pattern_that_is_not_re2_is_refused_with_the_reason(editor: Operator) -> None:
    answer = editor("POST", "shop/rules", {**RULE, "kind": "pattern", "patterns": ["(?=a)b"]})
    assert answer.status_code == 422
    assert "(?=a)b" in answer.json()["errors"]["patterns"]
    assert not Rule.objects.exists()


def test_publishing_and_going_back(editor: Operator, shop: World) -> None:
    editor("POST", "shop/entries", ENTRY)
    assert editor("POST", "shop/publications", {"note": "五月"}).json()["version"] == 2
    assert editor("POST", "shop/publications/1/restore").json()["restores"] == 1
    listed = editor("GET", "shop/publications").json()
    assert (listed["live"], [row["version"] for row in listed["items"]]) == (3, [3, 2, 1])
    assert editor("POST", "shop/publications/3/restore").status_code == 409
    assert editor("POST", "shop/publications/99/restore").status_code == 404
    assert Publication.objects.filter(bot=shop.bot).count() == 3


def test_search_answers_from_the_drafts_with_the_trace(editor: Operator) -> None:
    editor("POST", "shop/entries", ENTRY)
    found = editor("POST", "shop/search", {"text": "给个收据"}).json()
    assert (found["outcome"], found["route"], found["text"]) == ("answer", "exact", "可以。")
    assert [stage["name"] for stage in found["trace"]["stages"]][:3] == ["normalise", "guard", "exact"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**ENTRY, "surprise": 1},
        {**ENTRY, "valid_from": "soon"},
        {**ENTRY, "similar": "text"},
        {**ENTRY, "answer": ""},
    ],
)
def test_what_cannot_be_an_entry_is_a_problem_with_the_field_named(editor: Operator, body: dict[str, Any]) -> None:
    answer = editor("POST", "shop/entries", body)
    assert answer.status_code == 422
    assert answer.json()["errors"]


READS = ["entries", "synonyms", "rules", "words", "publications"]
WRITES = [
    ("POST", "entries", ENTRY),
    ("DELETE", f"entries/{uuid4()}", None),
    ("POST", "synonyms", {"words": ["快递", "包裹"]}),
    ("POST", "rules", RULE),
    ("POST", "words", {"text": "赌博", "level": "block"}),
    ("POST", "publications", {}),
    ("POST", "publications/1/restore", None),
]


def test_a_viewer_reads_and_writes_nothing(door: TestClient, shop: World) -> None:
    viewer = Operator(door, shop.viewer)
    assert [viewer("GET", f"shop/{name}").status_code for name in READS] == [200] * len(READS)
    assert [viewer(method, f"shop/{path}", body).status_code for method, path, body in WRITES] == [403] * len(WRITES)


def test_a_stranger_learns_nothing(door: TestClient, shop: World) -> None:
    stranger = Operator(door, shop.stranger)
    entry = Entry.objects.filter(bot=shop.bot).first()
    assert entry is not None
    calls = [*[("GET", name, None) for name in READS], *WRITES, ("POST", "search", {"text": "咋退"})]
    assert {stranger(method, f"shop/{path}", body).status_code for method, path, body in calls} == {404}
    assert stranger("GET", f"other/entries/{entry.pk}").status_code == 404
    assert stranger("DELETE", f"other/entries/{entry.pk}").status_code == 404


def test_without_a_session_there_is_no_way_in(door: TestClient, shop: World) -> None:
    assert door.get("/bots/shop/entries", user=AnonymousUser()).status_code == 401
    assert door.post("/bots/shop/search", json={"text": "咋退"}, user=AnonymousUser()).status_code == 401

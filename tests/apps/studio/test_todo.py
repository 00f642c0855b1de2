"""The to-do screen: who may do what, each key's effect, undo, and that nothing leaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.conversations.models import Turn
from apps.knowledge.content import EntryContent
from apps.knowledge.models import Entry, Publication
from apps.knowledge.services import entry_save
from apps.learning.models import Label
from tests.apps.conversations.visitor import Visitor
from tests.people import World

UNKNOWN = "火星上的葡萄怎么浇水"
HTMX = {"HX-Request": "true"}


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(*texts: str) -> Turn:
    """The latest turn of the last text; each is said in a conversation of its own."""
    for text in texts:
        Visitor("shop").say(text)
    return Turn.objects.filter(text=texts[-1]).latest("created_at")


def page(client: Client, **query: str) -> Any:
    return client.get(reverse("studio:todo", args=["shop"]), query)


def label(client: Client, turn: Turn, **fields: str) -> Any:
    return client.post(reverse("studio:todo_label", args=["shop", turn.pk]), fields, headers=HTMX)


def notice(response: Any, event: str) -> dict[str, Any]:
    return json.loads(response["HX-Trigger"])[event]


@pytest.fixture
def editor(shop: World) -> Client:
    return client_of(shop.editor)


@pytest.fixture
def returns(shop: World) -> Entry:
    return Entry.objects.get(question="怎么退货")


class TestAccess:
    def urls(self, turn: Turn) -> dict[str, str]:
        return {
            "label": reverse("studio:todo_label", args=["shop", turn.pk]),
            "publish": reverse("studio:todo_publish", args=["shop"]),
            "unpublish": reverse("studio:todo_unpublish", args=["shop"]),
        }

    def test_everybody_in_the_organisation_may_look(self, shop: World) -> None:
        ask(UNKNOWN)
        for user in (shop.owner, shop.editor, shop.agent, shop.viewer):
            response = page(client_of(user))
            assert response.status_code == 200
            assert UNKNOWN in response.content.decode()

    def test_a_stranger_learns_nothing(self, shop: World) -> None:
        turn = ask(UNKNOWN)
        stranger = client_of(shop.stranger)
        responses = [page(stranger), stranger.get(reverse("studio:todo_entries", args=["shop"]))]
        responses += [stranger.post(url, {"choice": "ignore"}) for url in self.urls(turn).values()]
        for response in responses:
            assert response.status_code == 404
            assert UNKNOWN not in response.content.decode()
        assert not Label.objects.exists()

    @pytest.mark.parametrize("role", ["agent", "viewer"])
    def test_only_editors_decide_and_publish(self, shop: World, role: str) -> None:
        turn = ask(UNKNOWN)
        client = client_of(getattr(shop, role))
        for url in self.urls(turn).values():
            assert client.post(url, {"choice": "ignore"}).status_code == 403
        assert (Label.objects.count(), Publication.objects.filter(bot=shop.bot).count()) == (0, 1)
        assert reverse("studio:todo_publish", args=["shop"]) not in page(client).content.decode()

    def test_nobody_gets_in_without_a_login(self, shop: World) -> None:
        response = page(Client())
        assert response.status_code == 302
        assert response["Location"].startswith(reverse("login"))

    def test_a_post_needs_the_csrf_token(self, shop: World) -> None:
        turn = ask(UNKNOWN)
        client = Client(enforce_csrf_checks=True)
        client.force_login(shop.editor)
        assert label(client, turn, choice="ignore").status_code == 403
        assert not Label.objects.exists()

    def test_another_bots_turn_entry_and_label_are_unknown(self, shop: World, editor: Client) -> None:
        Visitor("other").say(UNKNOWN)
        foreign = Turn.objects.get(bot=shop.foreign_bot)
        assert label(editor, foreign, choice="ignore").status_code == 404
        assert UNKNOWN not in page(editor, item=str(foreign.pk)).content.decode()
        theirs = entry_save(bot=shop.foreign_bot, content=EntryContent("secret", "x"), by=shop.stranger)
        assert label(editor, ask(UNKNOWN), choice=f"similar:{theirs.pk}").status_code == 404
        assert not Label.objects.exists()


class TestPage:
    def test_it_says_what_will_appear_when_nothing_waits(self, editor: Client) -> None:
        assert "studio/todo.html" in [t.name for t in page(editor).templates]
        assert page(editor).context["item"] is None

    def test_it_shows_the_question_asked_most_often_with_what_helps_to_decide(self, editor: Client) -> None:
        ask("月球上有快递吗", UNKNOWN, f"{UNKNOWN}？")
        context = page(editor).context
        item = context["item"]
        assert (item.turn.text, item.weight, item.reasons[0][0]) == (f"{UNKNOWN}？", 2, "refused")
        assert item.spellings == (UNKNOWN,)
        assert [m.role for m in item.around] == ["visitor", "bot"]
        assert item.trace["outcome"] == "refuse"
        assert (context["place"].total, context["place"].number) == (2, 1)
        assert context["place"].next.text == "月球上有快递吗"

    def test_htmx_gets_the_part_that_changes(self, editor: Client) -> None:
        response = editor.get(reverse("studio:todo", args=["shop"]), headers=HTMX)
        assert response.content.decode().startswith('<div id="todo"')

    def test_an_answered_question_can_be_opened_too(self, editor: Client) -> None:
        turn = ask("怎么退货")
        assert page(editor, item=str(turn.pk)).context["item"].turn == turn

    @pytest.mark.parametrize("item", ["nonsense", "00000000-0000-0000-0000-000000000000"])
    def test_an_item_that_is_gone_gives_way_to_the_first(self, editor: Client, item: str) -> None:
        turn = ask(UNKNOWN)
        assert page(editor, item=item).context["item"].turn == turn

    def test_nonsense_in_the_address_bar_is_no_filter(self, editor: Client) -> None:
        ask(UNKNOWN)
        response = page(editor, reason="x", route="y", days="-1", order="z", q=" ")
        assert (response.status_code, response.context["place"].total, response.context["query"]) == (200, 1, "")

    def test_what_visitors_write_is_shown_as_text(self, editor: Client) -> None:
        ask('<img src=x onerror="alert(1)">怎么弄')
        body = page(editor).content.decode()
        assert "<img src=x" not in body
        assert "&lt;img src=x" in body
        assert "\\u003Cimg src=x" in body, "inside the trace"

    def test_the_number_of_queries_does_not_grow_with_the_list(
        self, editor: Client, django_assert_max_num_queries: Any, django_assert_num_queries: Any
    ) -> None:
        ask(*(f"{UNKNOWN}{n}" for n in range(3)))
        page(editor)
        with django_assert_max_num_queries(40) as few:
            page(editor)
        queries = len(few)
        ask(*(f"{UNKNOWN}{n}" for n in range(3, 12)), *[f"{UNKNOWN}0"] * 4)
        with django_assert_num_queries(queries):
            page(editor)


class TestLabels:
    def test_a_number_key_adds_it_as_similar_and_shows_the_next(self, editor: Client, returns: Entry) -> None:
        turn = ask(UNKNOWN)
        following = ask("月球上有快递吗")
        response = label(editor, turn, choice=f"similar:{returns.pk}", next=str(following.pk))
        assert response.status_code == 200
        assert response.context["item"].turn == following
        returns.refresh_from_db()
        assert UNKNOWN in returns.similar
        assert UNKNOWN in notice(response, "zk-undo")["text"]
        assert notice(response, "zk-changed") is True
        assert response.context["today"].done == 1

    def test_x_adds_the_selected_entry_as_negative(self, editor: Client, returns: Entry) -> None:
        label(editor, ask(UNKNOWN), choice="negative", entry=str(returns.pk))
        returns.refresh_from_db()
        assert UNKNOWN in returns.negative

    def test_x_without_a_selection_says_so(self, editor: Client) -> None:
        response = label(editor, ask(UNKNOWN), choice="negative")
        assert response.status_code == 422
        assert notice(response, "zk-notice")["tone"] == "danger"
        assert not Label.objects.exists()

    def test_n_writes_a_new_entry(self, editor: Client) -> None:
        label(editor, ask(UNKNOWN), choice="entry", question="火星葡萄", answer="滴灌。", category="种植")
        entry = Entry.objects.get(question="火星葡萄")
        assert (entry.answer, entry.category, entry.similar) == ("滴灌。", "种植", [UNKNOWN])

    def test_a_new_entry_without_an_answer_keeps_what_was_typed(self, editor: Client) -> None:
        response = label(editor, ask(UNKNOWN), choice="entry", question="火星葡萄怎么浇", answer="")
        body = response.content.decode()
        assert response.status_code == 422
        assert 'value="火星葡萄怎么浇"' in body
        assert 'aria-describedby="new-answer-error"' in body
        assert not Label.objects.exists()

    @pytest.mark.parametrize("kind", ["oos", "ignore"])
    def test_o_and_i_settle_it(self, editor: Client, kind: str) -> None:
        response = label(editor, ask(UNKNOWN), choice=kind)
        assert Label.objects.get().kind == kind
        assert response.context["item"] is None

    @pytest.mark.parametrize("choice", ["", "nonsense", "entryx:1"])
    def test_an_unknown_label_is_refused(self, editor: Client, choice: str) -> None:
        assert label(editor, ask(UNKNOWN), choice=choice).status_code == 400
        assert not Label.objects.exists()

    def test_two_editors_at_once_the_second_learns_whose_label_stands(self, shop: World, editor: Client) -> None:
        turn = ask(UNKNOWN)
        label(editor, turn, choice="ignore")
        response = label(client_of(shop.owner), turn, choice="oos")
        assert response.status_code == 409
        assert "bob" in notice(response, "zk-notice")["text"]
        assert Label.objects.get(active=True).kind == "ignore"

    def test_without_htmx_the_browser_is_sent_to_the_next(self, shop: World, editor: Client) -> None:
        url = reverse("studio:todo_label", args=["shop", ask(UNKNOWN).pk])
        response = editor.post(url, {"choice": "ignore"}, follow=True)
        assert response.redirect_chain
        assert response.status_code == 200


class TestUndo:
    def test_the_notice_leads_back(self, editor: Client, returns: Entry) -> None:
        turn = ask(UNKNOWN)
        before = returns.content_hash
        offer = notice(label(editor, turn, choice=f"similar:{returns.pk}"), "zk-undo")
        response = editor.post(offer["url"], offer["values"], headers=HTMX)
        returns.refresh_from_db()
        assert returns.content_hash == before
        assert response.context["item"].turn == turn
        assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#todo", "outerHTML")

    def test_the_u_key_takes_back_ones_own_last_label(self, shop: World, editor: Client) -> None:
        turn = ask(UNKNOWN)
        label(editor, turn, choice="ignore")
        last = page(editor).context["last"]
        assert last.turn == turn
        assert page(client_of(shop.owner)).context["last"] is None
        editor.post(reverse("studio:todo_undo", args=["shop", last.pk]), headers=HTMX)
        assert not Label.objects.filter(active=True).exists()

    def test_it_says_why_it_cannot(self, shop: World, editor: Client, returns: Entry) -> None:
        offer = notice(label(editor, ask(UNKNOWN), choice=f"similar:{returns.pk}"), "zk-undo")
        entry_save(bot=shop.bot, content=EntryContent("怎么退货", "改过的。"), by=shop.owner, entry=returns)
        response = editor.post(offer["url"], headers=HTMX)
        assert response.status_code == 409
        assert "alice" in notice(response, "zk-notice")["text"]

    def test_a_stranger_cannot(self, shop: World, editor: Client) -> None:
        label(editor, ask(UNKNOWN), choice="ignore")
        url = reverse("studio:todo_undo", args=["other", Label.objects.get().pk])
        assert client_of(shop.stranger).post(url).status_code == 404
        assert Label.objects.get().active


class TestPublish:
    def post(self, client: Client, name: str, **fields: Any) -> Any:
        return client.post(reverse(f"studio:{name}", args=["shop"]), fields, headers=HTMX)

    def test_p_publishes_all_drafts_and_offers_the_way_back(self, shop: World, editor: Client, returns: Entry) -> None:
        turn = ask(UNKNOWN)
        label(editor, turn, choice=f"similar:{returns.pk}")
        offer = notice(self.post(editor, "todo_publish"), "zk-undo")
        shop.bot.refresh_from_db()
        assert shop.bot.live_version == 2
        assert Visitor("shop").say(UNKNOWN)["outcome"] == "answer"
        editor.post(offer["url"], offer["values"], headers=HTMX)
        shop.bot.refresh_from_db()
        assert (shop.bot.live_version, Publication.objects.get(bot=shop.bot, version=3).restores) == (3, 1)
        returns.refresh_from_db()
        assert returns.status == "changed"

    def test_with_nothing_to_publish_it_says_so(self, editor: Client) -> None:
        assert notice(self.post(editor, "todo_publish"), "zk-notice")["tone"] == "info"

    def test_the_way_back_is_closed_once_somebody_published_since(self, shop: World, editor: Client) -> None:
        response = self.post(editor, "todo_unpublish", version=7, before=1)
        assert response.status_code == 409
        assert Publication.objects.filter(bot=shop.bot).count() == 1

    def test_nonsense_is_refused(self, editor: Client) -> None:
        assert self.post(editor, "todo_unpublish", version="x", before="").status_code == 400


class TestEntryOptions:
    def test_it_finds_by_words(self, editor: Client) -> None:
        found = editor.get(reverse("studio:todo_entries", args=["shop"]), {"q": "发票"}).json()["options"]
        assert [(o["text"], o["note"]) for o in found] == [("怎么开发票", "发票")]

    def test_it_offers_few_and_no_archived_ones(self, shop: World, editor: Client, returns: Entry) -> None:
        from apps.knowledge.services import entry_archive

        entry_archive(entry=returns, by=shop.editor)
        for n in range(12):
            entry_save(bot=shop.bot, content=EntryContent(f"第{n}个问题", "x"), by=shop.editor)
        found = editor.get(reverse("studio:todo_entries", args=["shop"])).json()["options"]
        assert len(found) == 8
        assert "怎么退货" not in {o["text"] for o in found}

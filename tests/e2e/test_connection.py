"""What happens to a conversation when the line, a tab or a page goes away."""

from __future__ import annotations

from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, Page, Route, WebSocketRoute, expect

from tests.e2e.chat import Chat
from tests.e2e.conftest import NewContext, OpenChat
from tests.e2e.live import Site
from tests.e2e.watch import Watch

OFFLINE = ("ERR_INTERNET_DISCONNECTED", "WebSocket connection to")


@dataclass
class Line:
    """The live socket between a page and the server, which can be cut and restored."""

    cut: bool = False
    sockets: list[WebSocketRoute] = field(default_factory=list)

    def route(self, socket: WebSocketRoute) -> None:
        if self.cut:
            socket.close(code=1013)
            return
        socket.connect_to_server()
        self.sockets.append(socket)

    def drop(self) -> None:
        self.cut = True
        for socket in self.sockets:
            socket.close(code=1012)
        self.sockets.clear()


def test_written_off_line_is_sent_once_and_in_order_when_the_line_is_back(
    new_context: NewContext, open_chat: OpenChat, watch: Watch
) -> None:
    context = new_context()
    chat = open_chat(context=context).ready()
    chat.ask("多久能发货")
    with watch.allow(*OFFLINE):
        context.set_offline(True)
        chat.type("怎么开发票")
        chat.type("保修多长时间")
        expect(chat.own.nth(1)).to_contain_text("等待发送")
        expect(chat.banner).to_contain_text("网络已断开")
        context.set_offline(False)
        expect(chat.replies).to_have_count(3)
        chat.settled()
    expect(chat.banner).to_be_hidden()
    expected = ["多久能发货", "怎么开发票", "保修多长时间"]
    assert visitors(chat) == expected
    chat.page.reload()
    expect(chat.replies).to_have_count(3)
    assert visitors(chat) == expected


def test_a_lost_acknowledgement_makes_no_second_message(open_chat: OpenChat, watch: Watch) -> None:
    chat = open_chat().ready()
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    chat.page.route("**/api/v1/chat/messages", lose_first)
    with watch.allow("ERR_FAILED"):
        chat.ask("怎么开发票")
    assert lost == [200]
    chat.settled()
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    assert visitors(chat) == ["怎么开发票"]


def test_what_was_missed_while_the_socket_was_down_comes_once(new_context: NewContext, site: Site) -> None:
    context = new_context()
    line = Line()
    one = tab(context, site, line)
    one.ready()
    two = tab(context, site)
    one.ask("多久能发货")
    expect(two.replies).to_have_count(1)
    line.drop()
    two.ask("怎么开发票")
    expect(one.replies).to_have_count(1)
    line.cut = False
    expect(one.replies).to_have_count(2)
    two.ask("保修多长时间")
    expect(one.replies).to_have_count(3)
    assert one.log() == two.log()
    assert visitors(one) == ["多久能发货", "怎么开发票", "保修多长时间"]


def test_a_reload_keeps_the_conversation_and_what_was_being_written(open_chat: OpenChat) -> None:
    chat = open_chat().ready()
    chat.ask("多久能发货")
    before = chat.log()
    chat.box.fill("我还想问")
    chat.page.reload()
    expect(chat.replies).to_have_count(1)
    expect(chat.box).to_have_value("我还想问")
    assert chat.log() == before


def tab(context: BrowserContext, site: Site, line: Line | None = None) -> Chat:
    page: Page = context.new_page()
    if line:
        page.route_web_socket("**/ws/chat/", line.route)
    page.goto(f"{site.origin}/chat/demo/?lang=zh")
    return Chat(page)


def visitors(chat: Chat) -> list[str | None]:
    """What the visitor said; each must have been taken by the server."""
    own = [row for row in chat.log() if row[0] == "visitor"]
    assert all(row[2] == "sent" for row in own), own
    return [row[1] for row in own]

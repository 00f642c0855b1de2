import pytest
from apps.demo.services import demo_refresh
from apps.demo.flows import demo_flows
from apps.conversations.wiring import engines, bot_ref
from dialog.types import Turn, User, State
from django.utils import timezone
@pytest.mark.django_db
def test_x():
    demo=demo_refresh(progress=lambda *a: None)
    n=demo_flows(demo.bot)
    demo.bot.refresh_from_db()
    e=engines().get_now(bot_ref(demo.bot))
    s=State()
    for t in ["我要退货","已签收","第一个"]:
        r=e.respond(Turn(t, timezone.localtime(timezone.now()), s, lang="zh", user=User("u1"), conversation="c"))
        s=r.state
        print(r.outcome,[m.text for m in r.messages],[c.text for m in r.messages for c in m.choices])
    assert 0

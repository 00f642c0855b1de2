"""Small flow files and actions for tests."""

from __future__ import annotations

from typing import Any

from apps.bots.models import Bot
from apps.flows.models import ActionServer
from apps.flows.services import actions_import, server_save

GET = {
    "name": "case.get",
    "effect": "read",
    "about": "Looks a case up",
    "inputs": {"type": "object", "properties": {"no": {"type": "string"}}, "required": ["no"]},
    "output": {"type": "object", "properties": {"state": {"type": "string"}}, "required": ["state"]},
}
CREATE = {**GET, "name": "case.create", "effect": "write", "about": "Opens a case"}


def flow_file(domain: str = "desk", flow: str = "case_state", action: str = "case.get", say: str = "查工单") -> str:
    return f"""\
version: 1
domain: {domain}
slots:
  no: {{type: pattern, pattern: "[A-Z][0-9]+", ask: 请提供工单号}}
flows:
  {flow}:
    about: 查询工单进度
    start: {{say: [{say}]}}
    steps:
      - collect: no
      - call: {action}
        in: [no]
        out: [state]
        fail: {{other: handoff}}
      - say: "{{state}}"
"""


def server_for(bot: Bot, url: str = "https://crm.example/actions", **fields: Any) -> ActionServer:
    """A registered server with the actions above."""
    server = server_save(bot=bot, fields={"name": "crm", "url": url, **fields})
    actions_import(bot=bot, server=server, specs=[GET, CREATE])
    return server

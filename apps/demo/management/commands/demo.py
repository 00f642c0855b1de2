from __future__ import annotations

from typing import Any

from django.conf import settings

from apps.core.commands import Result, ToolCommand
from apps.demo.services import DEBUG_PASSWORD, demo_refresh


class Command(ToolCommand):
    help = "Create or refresh the demo organisation, its bot “demo” and an operator. Safe to repeat."

    def perform(self, **options: Any) -> Result:
        demo = demo_refresh(progress=self.progress(options["verbosity"]))
        data = {
            "bot": demo.bot.slug,
            "entries": demo.entries,
            "version": demo.version,
            "flows": demo.flows,
            "login": demo.login,
            "password": demo.password or None,
        }
        return Result(
            data, f"Bot “demo”: {demo.entries} entries, v{demo.version} answers.\n{_login(demo.login, demo.password)}"
        )


def _login(login: str, password: str) -> str:
    if password:
        return f"Log in at /studio/ as {login} with password {password}"
    hint = f" (unless you changed it: {DEBUG_PASSWORD})" if settings.DEBUG else ""
    return f"Log in at /studio/ as {login}; the password stays as it was{hint}."

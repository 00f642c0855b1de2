"""Organisations, the people in them, and their roles."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import BaseModel


class User(AbstractUser):
    """A member of staff. Visitors are no users."""


class Organisation(BaseModel):
    """A tenant: everything else belongs to one."""

    name = models.CharField(_("name"), max_length=120)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member may do; each role may do what those below it may."""

    VIEWER = "viewer", _("viewer")
    AGENT = "agent", _("agent")
    EDITOR = "editor", _("editor")
    OWNER = "owner", _("owner")

    def covers(self, needed: Role) -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


class Member(BaseModel):
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="members")
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.VIEWER)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["user", "organisation"], name="accounts_member_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.organisation}"

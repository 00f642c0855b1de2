"""Who may touch what of an organisation. A stranger learns nothing, not even that it exists."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from apps.accounts.models import Member, Organisation, Role, User
from apps.core.errors import Forbidden, NotFound


def organisations_for_member(user: User | AnonymousUser, needed: Role) -> list[Organisation]:
    """The organisations in which the user's role covers ``needed``, by name."""
    if user.pk is None or not user.is_active:
        return []
    roles = [role for role in Role if role.covers(needed)]
    rows = Organisation.objects.filter(members__user_id=user.pk, members__role__in=roles)
    return list(rows.order_by("name", "pk"))


def member_access(user: User | AnonymousUser, organisation_id: UUID, needed: Role) -> Member:
    """The user's membership, if its role covers ``needed``.

    Raises:
        NotFound: the user is no member.
        Forbidden: the member's role is too low.
    """
    member = Member.objects.filter(user_id=user.pk, organisation_id=organisation_id).first() if user.pk else None
    if member is None or not user.is_active:
        raise NotFound(_("There is no such thing, or it is not yours."))
    if not Role(member.role).covers(needed):
        raise Forbidden(
            _("Your role (%(role)s) does not allow this. Ask an owner.") % {"role": member.get_role_display()}
        )
    return member

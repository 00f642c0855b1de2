"""Who may touch what of an organisation. A stranger learns nothing, not even that it exists."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import gettext as _

from apps.accounts.models import Member, Role, User
from apps.core.errors import Forbidden, NotFound


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

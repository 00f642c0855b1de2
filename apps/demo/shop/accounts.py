"""The phone number of a customer's account, and going back to the old one for ten minutes."""

from __future__ import annotations

from datetime import timedelta

from apps.demo.shop.models import ShopCustomer
from apps.demo.shop.types import Answer, Ask, done, invalid
from apps.demo.shop.wording import masked

RESTORE_WITHIN = timedelta(minutes=10)


def phone_check(ask: Ask) -> Answer:
    why = _why_not(ask)
    return done(allowed=not why, why=why, current=masked(ask.customer.phone))


def phone_change(ask: Ask) -> Answer:
    why = _why_not(ask)
    if why:
        raise invalid("not_allowed", why)
    customer = ask.customer
    customer.phone_before, customer.phone, customer.phone_changed_at = customer.phone, _phone(ask), ask.now
    customer.save(update_fields=["phone", "phone_before", "phone_changed_at", "updated_at"])
    return done(phone=masked(customer.phone))


def phone_restore(ask: Ask) -> Answer:
    customer = ask.customer
    changed = customer.phone_changed_at
    if changed is None or not customer.phone_before or ask.now - changed > RESTORE_WITHIN:
        raise invalid(
            "too_late",
            ask.say("没有可以恢复的号码，或换绑已超过 10 分钟。", "No number was changed in the last 10 minutes."),
        )
    customer.phone, customer.phone_before, customer.phone_changed_at = customer.phone_before, "", None
    customer.save(update_fields=["phone", "phone_before", "phone_changed_at", "updated_at"])
    return done(phone=masked(customer.phone))


def _phone(ask: Ask) -> str:
    """Digits, with a plus before those of another country."""
    phone = "".join(char for char in ask.text("phone") if char.isdigit() or char == "+")[:40]
    home = phone.removeprefix("+86")
    return home if len(home) == 11 and home.startswith("1") else phone


def _why_not(ask: Ask) -> str:
    """Why the account cannot have this number; empty where it can."""
    phone = _phone(ask)
    if sum(char.isdigit() for char in phone) < 7:
        return ask.say("这个号码不完整。", "That number is not complete.")
    if phone == ask.customer.phone:
        return ask.say("账号现在绑定的就是这个号码。", "Your account has this number already.")
    others = ShopCustomer.objects.filter(key=ask.customer.key_id, phone=phone).exclude(pk=ask.customer.pk)
    if others.exists():
        return ask.say("这个号码已绑定其他账号。", "Another account has this number.")
    return ""

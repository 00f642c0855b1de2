"""What customers had done at the demo shop, to be looked at. Secrets and stored answers' keys are not shown."""

from __future__ import annotations

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from apps.core.admin import History, ReadOnly, Rows, pretty
from apps.demo.models import (
    ActionReply,
    AfterSale,
    Booking,
    FareChange,
    Invoice,
    Order,
    Parcel,
    ParcelEvent,
    Passenger,
    RepairVisit,
    ShopCustomer,
    ShopKey,
    Ticket,
)


class Events(ReadOnly, Rows):
    model = ParcelEvent
    fields = readonly_fields = ["at", "code", "city"]
    show_change_link = False


class Passengers(ReadOnly, Rows):
    model = Passenger
    fields = readonly_fields = ["name", "relation"]
    show_change_link = False


class OfACustomer(History):
    list_select_related = ["customer"]
    search_fields = ["no", "customer__name", "customer__external_id"]
    date_hierarchy = "created_at"


@admin.register(ShopKey)
class ShopKeyAdmin(History):
    list_display = ["name", "created_at"]
    search_fields = ["name"]
    fields = ["name", "created_at", "updated_at"]


@admin.register(ShopCustomer)
class ShopCustomerAdmin(History):
    list_display = ["__str__", "key", "external_id", "created_at"]
    list_filter = ["key"]
    list_select_related = ["key"]
    search_fields = ["name", "external_id"]
    inlines = [Passengers]


@admin.register(Order)
class OrderAdmin(OfACustomer):
    list_display = ["no", "customer", "product", "variant", "total", "status", "placed_at"]
    list_filter = ["status"]
    date_hierarchy = "placed_at"


@admin.register(Parcel)
class ParcelAdmin(History):
    list_display = ["tracking_no", "order", "eta"]
    list_select_related = ["order"]
    search_fields = ["tracking_no", "order__no"]
    inlines = [Events]


@admin.register(AfterSale)
class AfterSaleAdmin(OfACustomer):
    list_display = ["no", "customer", "order", "kind", "reason", "state", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["customer", "order"]


@admin.register(Ticket)
class TicketAdmin(OfACustomer):
    list_display = ["no", "customer", "kind", "order", "text", "state", "created_at"]
    list_filter = ["kind", "state"]
    list_select_related = ["customer", "order"]


@admin.register(RepairVisit)
class RepairVisitAdmin(OfACustomer):
    list_display = ["no", "customer", "device", "fault", "starts_at", "engineer", "state"]
    list_filter = ["state"]


@admin.register(Invoice)
class InvoiceAdmin(History):
    list_display = ["no", "order", "buyer", "title", "amount", "created_at"]
    list_filter = ["buyer"]
    list_select_related = ["order"]
    search_fields = ["no", "title", "order__no"]


@admin.register(Booking)
class BookingAdmin(OfACustomer):
    list_display = ["no", "customer", "flight", "departs_at", "passenger", "price", "state"]
    list_filter = ["state"]
    list_select_related = ["customer", "passenger"]


@admin.register(FareChange)
class FareChangeAdmin(History):
    list_display = ["flight", "customer", "created_at"]
    list_select_related = ["customer"]
    search_fields = ["flight"]


@admin.register(ActionReply)
class ActionReplyAdmin(History):
    list_display = ["idempotency_key", "key", "created_at"]
    list_filter = ["key"]
    list_select_related = ["key"]
    search_fields = ["idempotency_key"]
    fields = ["key", "idempotency_key", "answer", "created_at"]
    readonly_fields = ["answer"]

    @admin.display(description=_("answer"))
    def answer(self, reply: ActionReply) -> SafeString:
        return pretty(reply.response)

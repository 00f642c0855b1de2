"""The demo shop's tables. All rows of a customer are their own sandbox: nobody else's requests reach them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from encrypted_fields.fields import EncryptedTextField

from apps.core.models import BaseModel


class ShopKey(BaseModel):
    """Who may call the shop: the secret that a caller signs with. Each has customers of its own."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    secret = EncryptedTextField(editable=False)

    class Meta:
        verbose_name = _("shop key")
        verbose_name_plural = _("shop keys")

    def __str__(self) -> str:
        return self.name


class ShopCustomer(BaseModel):
    """``external_id`` is the caller's name for them; ``phone_before`` the number that a change may go back to."""

    key = models.ForeignKey(ShopKey, models.CASCADE, related_name="customers")
    external_id = models.CharField(max_length=200)
    name = models.CharField(_("name"), max_length=80)
    phone = models.CharField(_("phone"), max_length=40)
    phone_before = models.CharField(max_length=40, blank=True, default="")
    phone_changed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("shop customer")
        verbose_name_plural = _("shop customers")
        constraints = [models.UniqueConstraint(fields=["key", "external_id"], name="demo_customer_once")]

    def __str__(self) -> str:
        return self.name or self.external_id


class Order(BaseModel):
    """``product`` and ``variant`` are codes of ``apps/demo/data/products.json``; ``status_before`` is what a
    cancelled order goes back to when the cancellation is taken back."""

    class Status(models.TextChoices):
        UNPAID = "unpaid", _("unpaid")
        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="orders")
    no = models.CharField(_("reference number"), max_length=20)
    product = models.CharField(_("product"), max_length=20)
    variant = models.CharField(_("variant"), max_length=20)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    total = models.DecimalField(_("total"), max_digits=10, decimal_places=2)
    status = models.CharField(_("status"), max_length=10, choices=Status)
    status_before = models.CharField(max_length=10, choices=Status, blank=True, default="")
    placed_at = models.DateTimeField(_("placed"))
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True)
    address = models.CharField(_("address"), max_length=200)
    person = models.CharField(_("recipient"), max_length=80)
    phone = models.CharField(_("phone"), max_length=40)
    address_changes = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_order_once")]
        indexes = [models.Index(fields=["customer", "-placed_at"], name="demo_order_recent")]

    def __str__(self) -> str:
        return self.no


class Parcel(BaseModel):
    order = models.OneToOneField(Order, models.CASCADE, related_name="parcel")
    tracking_no = models.CharField(_("tracking number"), max_length=30)
    eta = models.DateTimeField(_("expected"), null=True)

    class Meta:
        verbose_name = _("parcel")
        verbose_name_plural = _("parcels")

    def __str__(self) -> str:
        return self.tracking_no


class ParcelEvent(BaseModel):
    """Where a parcel was; ``code`` is shown in the customer's language."""

    class Code(models.TextChoices):
        PACKED = "packed", _("packed")
        TAKEN = "taken", _("taken by the carrier")
        ARRIVED = "arrived", _("arrived at a depot")
        OUT = "out", _("out for delivery")
        DELIVERED = "delivered", _("delivered")

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"))
    code = models.CharField(_("event"), max_length=10, choices=Code)
    city = models.CharField(_("city"), max_length=40)

    class Meta:
        verbose_name = _("parcel event")
        verbose_name_plural = _("parcel events")
        ordering = ["at"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.code} {self.city}"


class Case(BaseModel):
    """What a customer asked the shop to do, by a number that they are told."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        WITHDRAWN = "withdrawn", _("withdrawn")

    no = models.CharField(_("reference number"), max_length=20)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.no


class AfterSale(Case):
    class Kind(models.TextChoices):
        RETURN = "return", _("return")
        EXCHANGE = "exchange", _("exchange")
        REFUND = "refund", _("refund only")

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="after_sales")
    order = models.ForeignKey(Order, models.CASCADE, related_name="after_sales")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    reason = models.CharField(_("reason"), max_length=500)
    fee = models.DecimalField(_("shipping fee"), max_digits=8, decimal_places=2)
    variant = models.CharField(_("variant wanted"), max_length=20, blank=True, default="")
    pickup_from = models.DateTimeField(_("pick-up from"), null=True)
    pickup_to = models.DateTimeField(_("pick-up until"), null=True)

    class Meta:
        verbose_name = _("after-sales case")
        verbose_name_plural = _("after-sales cases")
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_aftersale_once")]


class Ticket(Case):
    """Something for the shop's people to look at."""

    class Kind(models.TextChoices):
        COMPLAINT = "complaint", _("complaint")
        URGE = "urge", _("chase a delivery")
        CANCEL = "cancel", _("cancellation")

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="tickets")
    order = models.ForeignKey(Order, models.CASCADE, null=True, related_name="tickets")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.TextField(_("text"), max_length=1_000, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_ticket_once")]


class RepairVisit(Case):
    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="visits")
    device = models.CharField(_("appliance"), max_length=80)
    fault = models.CharField(_("fault"), max_length=500)
    starts_at = models.DateTimeField(_("visit from"))
    ends_at = models.DateTimeField(_("visit until"))
    address = models.CharField(_("address"), max_length=200)
    phone = models.CharField(_("phone"), max_length=40, blank=True, default="")
    engineer = models.CharField(_("engineer"), max_length=80)

    class Meta:
        verbose_name = _("repair visit")
        verbose_name_plural = _("repair visits")
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_visit_once")]


class Invoice(BaseModel):
    """The id is the secret of its address; one invoice an order."""

    class Buyer(models.TextChoices):
        PERSON = "person", _("person")
        COMPANY = "company", _("company")

    order = models.OneToOneField(Order, models.CASCADE, related_name="invoice")
    no = models.CharField(_("reference number"), max_length=20)
    buyer = models.CharField(_("buyer"), max_length=10, choices=Buyer)
    title = models.CharField(_("made out to"), max_length=200)
    tax_no = models.CharField(_("tax number"), max_length=40, blank=True, default="")
    email = models.CharField(_("e-mail"), max_length=254, blank=True, default="")
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)

    class Meta:
        verbose_name = _("invoice")
        verbose_name_plural = _("invoices")

    def __str__(self) -> str:
        return self.no


class Passenger(BaseModel):
    """``relation`` is whose words name them: ``self``, ``mother``, ``partner``."""

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="passengers")
    no = models.PositiveSmallIntegerField()
    name = models.CharField(_("name"), max_length=80)
    relation = models.CharField(max_length=10)

    class Meta:
        verbose_name = _("passenger")
        verbose_name_plural = _("passengers")
        ordering = ["no"]
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_passenger_once")]

    def __str__(self) -> str:
        return self.name


class Booking(Case):
    """``flight`` is the option that was chosen: number, day and route. Times and price are those of the booking."""

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="bookings")
    passenger = models.ForeignKey(Passenger, models.CASCADE, related_name="bookings")
    flight = models.CharField(_("flight"), max_length=80)
    departs_at = models.DateTimeField(_("departs"))
    price = models.DecimalField(_("price"), max_digits=8, decimal_places=2)

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [models.UniqueConstraint(fields=["customer", "no"], name="demo_booking_once")]
        indexes = [models.Index(fields=["customer", "flight"], name="demo_booking_flight")]


class FareChange(BaseModel):
    """A fare that has moved once for this customer; see :mod:`apps.demo.shop.flights`."""

    customer = models.ForeignKey(ShopCustomer, models.CASCADE, related_name="fare_changes")
    flight = models.CharField(_("flight"), max_length=80)

    class Meta:
        verbose_name = _("fare change")
        verbose_name_plural = _("fare changes")
        constraints = [models.UniqueConstraint(fields=["customer", "flight"], name="demo_fare_once")]


class ActionReply(BaseModel):
    """What a write was answered, by its idempotency key: the same request is answered the same way for 24 hours."""

    key = models.ForeignKey(ShopKey, models.CASCADE, related_name="replies")
    idempotency_key = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    response = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("stored answer")
        verbose_name_plural = _("stored answers")
        constraints = [models.UniqueConstraint(fields=["key", "idempotency_key"], name="demo_reply_once")]
        indexes = [models.Index(fields=["created_at"], name="demo_reply_age")]

    def __str__(self) -> str:
        return self.idempotency_key

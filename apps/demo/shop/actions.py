"""The shop's actions by name; their inputs and outputs stand in ``apps/demo/data/actions.json``."""

from __future__ import annotations

from collections.abc import Mapping

from apps.demo.shop import (
    accounts,
    addresses,
    aftersales,
    cancellations,
    complaints,
    flights,
    invoices,
    logistics,
    orders,
    repairs,
)
from apps.demo.shop.types import Handler

READS: Mapping[str, Handler] = {
    "account.phone_check": accounts.phone_check,
    "address.check": addresses.check,
    "aftersale.check": aftersales.check,
    "flight.price": flights.price,
    "flight.search": flights.search,
    "invoice.check": invoices.check,
    "logistics.get": logistics.get,
    "order.alternatives": orders.alternatives,
    "order.cancel_check": cancellations.check,
    "order.mine": orders.mine,
    "order.open": orders.open_,
    "order.returnable": orders.returnable,
    "order.unshipped": orders.unshipped,
    "repair.slots": repairs.slots,
    "user.passengers": flights.passengers,
}
WRITES: Mapping[str, Handler] = {
    "account.phone_change": accounts.phone_change,
    "account.phone_restore": accounts.phone_restore,
    "address.change": addresses.change,
    "aftersale.cancel": aftersales.cancel,
    "aftersale.create": aftersales.create,
    "complaint.create": complaints.create,
    "complaint.withdraw": complaints.withdraw,
    "flight.book": flights.book,
    "flight.cancel": flights.cancel,
    "invoice.issue": invoices.issue,
    "logistics.urge": logistics.urge,
    "order.cancel": cancellations.cancel,
    "order.restore": cancellations.restore,
    "repair.book": repairs.book,
    "repair.cancel": repairs.cancel,
}
HANDLERS: Mapping[str, Handler] = {**READS, **WRITES}

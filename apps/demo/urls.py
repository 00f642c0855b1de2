from django.urls import include, path

from apps.demo.shop import pages

# The name under which a server of actions with the address builtin:shop is found.
builtin = ([path("shop/actions/", pages.actions, name="shop")], "builtin")

urlpatterns = [
    path("", include(builtin)),
    path("shop/invoices/<uuid:invoice_id>/", pages.invoice, name="shop-invoice"),
]

"""The to-do list and the conversations."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

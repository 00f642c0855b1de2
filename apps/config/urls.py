from django.contrib import admin
from django.contrib.auth import views as auth
from django.urls import include, path

from apps.config import pages
from apps.config.api import api

urlpatterns = [
    path("", pages.landing, name="landing"),
    path("chat/<slug:slug>/", pages.chat, name="chat"),
    path("widget.js", pages.widget, name="widget"),
    path("favicon.ico", pages.favicon),
    path("healthz", pages.healthz),
    path("readyz", pages.readyz),
    path("api/", api.urls),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("studio/", include("apps.studio.urls")),
    path("demo/", include("apps.demo.urls")),
    path("admin/", admin.site.urls),
]

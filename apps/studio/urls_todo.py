"""The to-do list, the conversations, and what is learned from them."""

from django.urls import path

from apps.studio import views_calibration, views_conversations, views_todo

urlpatterns = [
    path("todo/", views_todo.todo, name="todo"),
    path("todo/entries/", views_todo.entry_options, name="todo_entries"),
    path("todo/publish/", views_todo.publish_now, name="todo_publish"),
    path("todo/unpublish/", views_todo.publish_back, name="todo_unpublish"),
    path("todo/<uuid:turn_id>/label/", views_todo.label, name="todo_label"),
    path("todo/labels/<uuid:label_id>/undo/", views_todo.label_back, name="todo_undo"),
    path("calibration/", views_calibration.calibration, name="calibration"),
    path("calibration/<uuid:calibration_id>/apply/", views_calibration.calibration_on, name="calibration_apply"),
    path("calibration/<uuid:calibration_id>/undo/", views_calibration.calibration_back, name="calibration_undo"),
    path("conversations/", views_conversations.conversations, name="conversations"),
    path("conversations/<uuid:conversation_id>/", views_conversations.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/reply/", views_conversations.reply, name="conversation_reply"),
    path("conversations/<uuid:conversation_id>/<str:move>/", views_conversations.move, name="conversation_move"),
    path("conversations/<uuid:conversation_id>/why/<uuid:turn_id>/", views_conversations.why, name="conversation_why"),
]

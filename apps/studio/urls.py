from django.urls import URLPattern, URLResolver, include, path

from apps.studio import (
    views_figures,
    views_flow,
    views_flows,
    views_home,
    views_import,
    views_knowledge,
    views_lists,
    views_new_bot,
    views_publish,
)

app_name = "studio"

knowledge = [
    path("", views_knowledge.knowledge, name="knowledge"),
    path("new/", views_knowledge.entry_new, name="entry_new"),
    path("try/", views_knowledge.entry_try, name="entry_try"),
    path("archive/", views_knowledge.entries_away, name="entries_away"),
    path("restore/", views_knowledge.entries_back, name="entries_back"),
    path("move/", views_knowledge.entries_to, name="entries_to"),
    path("import/", views_import.knowledge_file, name="import"),
    path("export.<str:form>", views_import.knowledge_export, name="export"),
    path("<uuid:entry_id>/", views_knowledge.entry, name="entry"),
    path("<uuid:entry_id>/revert/", views_knowledge.entry_back, name="entry_back"),
]
lists = [
    path("rules/", views_lists.rules, name="rules"),
    path("rules/new/", views_lists.rule, name="rule_new"),
    path("rules/<uuid:row_id>/", views_lists.rule, name="rule"),
    path("synonyms/", views_lists.synonyms, name="synonyms"),
    path("synonyms/new/", views_lists.synonym, name="synonym_new"),
    path("synonyms/<uuid:row_id>/", views_lists.synonym, name="synonym"),
    path("words/", views_lists.words, name="words"),
    path("words/new/", views_lists.word, name="word_new"),
    path("words/<uuid:row_id>/", views_lists.word, name="word"),
    path("rules/<uuid:row_id>/delete/", views_lists.row_away, {"kind": "rules"}, name="rule_away"),
    path("synonyms/<uuid:row_id>/delete/", views_lists.row_away, {"kind": "synonyms"}, name="synonym_away"),
    path("words/<uuid:row_id>/delete/", views_lists.row_away, {"kind": "words"}, name="word_away"),
    path("rows/restore/", views_lists.row_back, name="row_back"),
]
flows = [
    path("", views_flows.flows, name="flows"),
    path("new/", views_flows.flow_new, name="flow_new"),
    path("import/", views_flows.flow_import, name="flow_import"),
    path("restore/", views_flows.flow_back, name="flow_back"),
    path("publish/", views_flows.flows_live, name="flows_live"),
    path("versions/<int:version>/restore/", views_flows.flows_restore, name="flows_restore"),
    path("files/<slug:file>/", views_flow.flow, name="flow"),
    path("files/<slug:file>/check/", views_flow.flow_check, name="flow_check"),
    path("files/<slug:file>/try/", views_flow.flow_try, name="flow_try"),
    path("files/<slug:file>/story/", views_flow.flow_story, name="flow_story"),
    path("files/<slug:file>/download/", views_flow.flow_download, name="flow_download"),
    path("files/<slug:file>/delete/", views_flows.flow_away, name="flow_away"),
]
publishing = [
    path("", views_publish.publish, name="publish"),
    path("<int:version>/restore/", views_publish.restore, name="restore"),
]
bot: list[URLPattern | URLResolver] = [
    path("", views_home.bot_home, name="bot"),
    path("rail/", views_home.rail, name="rail"),
    path("figures/", views_figures.figures, name="figures"),
    path("knowledge/", include(knowledge)),
    path("flows/", include(flows)),
    path("publish/", include(publishing)),
    *lists,
    path("", include("apps.studio.urls_todo")),
]
urlpatterns = [
    path("", views_home.home, name="home"),
    path("new/", views_new_bot.bot_new, name="bot_new"),
    path("<slug:slug>/", include(bot)),
]

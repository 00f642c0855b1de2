"""The calibration screen: what answers now, what was found, applied by one press and taken back by another."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.bots.models import Bot
from apps.knowledge.content import EntryContent
from apps.knowledge.publishing import publication_create
from apps.knowledge.services import entry_save
from apps.learning.calibrations import calibration_now, calibration_request
from apps.learning.models import Calibration
from apps.learning.questions import read_questions
from apps.learning.recalibrating import calibrate_due
from tests.apps.learning.known import write_file
from tests.people import World

HX = {"HX-Request": "true", "HX-Target": "calibration"}


@pytest.fixture
def editor(shop: World) -> Client:
    client = Client(headers=HX)
    client.force_login(shop.editor)
    return client


@pytest.fixture
def found(shop: World, tmp_path: Path) -> Calibration:
    known = read_questions(shop.bot, write_file(tmp_path / "q.jsonl"))
    return calibration_now(bot=shop.bot, by=shop.editor, precision=0.8, questions=known)


def url(name: str = "calibration", *args: object) -> str:
    return reverse(f"studio:{name}", args=["shop", *args])


def thresholds() -> dict[str, float]:
    return Bot.objects.get(slug="shop").thresholds


def test_a_new_bot_answers_by_the_defaults(editor: Client) -> None:
    page = editor.get(url()).content.decode()
    assert "The defaults of the first day" in page
    assert "zk-curve" not in page


def test_calculating_waits_for_the_job_and_shows_what_it_found(editor: Client, shop: World) -> None:
    page = editor.post(url(), {"precision": "95"}).content.decode()
    assert "load delay:2s" in page
    assert "Asking all known questions again" in page
    calibrate_due()
    page = editor.get(url()).content.decode()
    assert "load delay" not in page
    assert "label 118 more questions to allow direct answers" in page
    assert reverse("studio:todo", args=["shop"]) in page
    assert Calibration.objects.get().by == shop.editor


def test_the_page_holds_curve_table_and_every_choice(editor: Client, found: Calibration) -> None:
    page = editor.get(url()).content.decode()
    data = json.loads(page.split('id="calibration-data" type="application/json">')[1].split("</script>")[0])
    assert [int(percent) for percent in data["choices"]] == list(range(80, 100))
    chosen = data["choices"][str(data["chosen"])]
    assert chosen["sentence"] in page
    assert f'data-after="answered">{chosen["figures"]["answered"]}<' in page
    assert page.count("<tr><td") == len(data["curve"]) > 3


def test_applying_offers_to_take_it_back_and_undo_restores(editor: Client, found: Calibration) -> None:
    response = editor.post(url("calibration_apply", found.pk), {"precision": "85"})
    offer = json.loads(response["HX-Trigger"])["zk-undo"]
    assert "Take back to the thresholds before" in response.content.decode()
    assert thresholds()["answer"] < 1
    assert Calibration.objects.get().precision == 0.85
    undone = Client(headers={"HX-Request": "true"})
    undone.force_login(Calibration.objects.get().by)  # type: ignore[arg-type]
    assert "zk-restored" in json.loads(undone.post(offer["url"])["HX-Trigger"])
    assert thresholds() == {}


def test_a_publish_since_is_said_and_cannot_be_applied_over(editor: Client, shop: World, found: Calibration) -> None:
    editor.post(url("calibration_apply", found.pk), {"precision": "80"})
    entry_save(bot=shop.bot, content=EntryContent("能开收据吗", "可以。"), by=shop.editor)
    publication_create(bot=shop.bot, by=shop.editor)
    page = editor.get(url()).content.decode()
    assert "The knowledge was published anew since these thresholds were found" in page
    assert "data-apply" not in page
    assert editor.post(url("calibration_apply", found.pk), {"precision": "80"}).status_code == 409


def test_what_is_no_percentage_is_refused(editor: Client, found: Calibration) -> None:
    for precision in ("", "0.9", "hundred"):
        assert editor.post(url(), {"precision": precision}).status_code == 422
    assert editor.post(url(), {"precision": "50"}).status_code == 422


def test_a_viewer_sees_it_without_buttons(shop: World, found: Calibration) -> None:
    client = Client()
    client.force_login(shop.viewer)
    page = client.get(url()).content.decode()
    assert "An editor can calculate and apply thresholds." in page
    assert "data-apply" not in page


def test_without_script_each_form_leads_back_to_the_page(shop: World, found: Calibration) -> None:
    client = Client()
    client.force_login(shop.editor)
    for name, args in (("calibration_apply", [found.pk]), ("calibration_undo", [found.pk]), ("calibration", [])):
        assert client.post(url(name, *args), {"precision": "80"}).headers["Location"] == url()


class TestTheApi:
    def test_from_asking_to_undoing(self, shop: World, found: Calibration) -> None:
        client = Client()
        client.force_login(shop.editor)
        base = "/api/v1/bots/shop/calibrations"
        asked = client.post(base, {"precision": 0.9}, content_type="application/json")
        assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
        applied = client.post(f"{base}/{found.pk}/apply", {}, content_type="application/json").json()
        assert (applied["state"], applied["proven"]) == ("applied", True)
        listed = client.get(base).json()
        assert listed["current"] == str(found.pk)
        assert listed["thresholds"]["answer"] == thresholds()["answer"]
        assert len(client.get(f"{base}/{found.pk}").json()["choices"]) == 20
        assert client.post(f"{base}/{found.pk}/undo").json()["thresholds"]["answer"] == 0.8
        assert client.get("/api/v1/bots/shop/models").json() == {"items": []}

    def test_the_job_is_asked_for_once(self, shop: World) -> None:
        row = calibration_request(bot=shop.bot, by=None, precision=0.9)
        client = Client()
        client.force_login(shop.editor)
        again = client.post("/api/v1/bots/shop/calibrations", {"precision": 0.8}, content_type="application/json")
        assert again.json()["id"] == str(row.pk)

"""Settings from the environment: right values typed, nonsense refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.core import env


class TestText:
    def test_the_value_or_the_default(self) -> None:
        assert env.text("A", "d", environ={"A": "x"}) == "x"
        assert env.text("A", "d", environ={}) == "d"
        assert env.text("A", "d", environ={"A": ""}) == ""

    def test_a_secret_from_a_file_loses_its_last_newline(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_text("秘密 \n", "utf-8")
        assert env.text("KEY", environ={"KEY_FILE": str(file)}) == "秘密 "

    def test_both_ways_at_once_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(ImproperlyConfigured, match="KEY and KEY_FILE are both set"):
            env.text("KEY", environ={"KEY": "", "KEY_FILE": str(tmp_path)})

    def test_a_file_that_cannot_be_read_is_named(self, tmp_path: Path) -> None:
        for path in (tmp_path / "none", tmp_path):
            with pytest.raises(ImproperlyConfigured, match=f"KEY_FILE={path} cannot be read"):
                env.text("KEY", environ={"KEY_FILE": str(path)})

    def test_a_file_that_is_no_text_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "key"
        file.write_bytes(b"\xff\xfe\x00")
        with pytest.raises(ImproperlyConfigured, match="KEY_FILE"):
            env.text("KEY", environ={"KEY_FILE": str(file)})


class TestFlag:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("1", True),
            ("true", True),
            ("YES", True),
            (" on ", True),
            ("0", False),
            ("False", False),
            ("", False),
            ("off", False),
        ],
    )
    def test_yes_and_no(self, value: str, expected: bool) -> None:
        assert env.flag("A", not expected, environ={"A": value}) is expected

    @pytest.mark.parametrize("default", [True, False])
    def test_the_default(self, default: bool) -> None:
        assert env.flag("A", default, environ={}) is default

    @pytest.mark.parametrize("value", ["2", "maybe", "是", "-1"])
    def test_nonsense(self, value: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="A="):
            env.flag("A", environ={"A": value})


class TestInteger:
    def test_values_and_bounds(self) -> None:
        assert env.integer("A", 5, environ={}) == 5
        assert env.integer("A", 5, least=3, most=9, environ={"A": "3"}) == 3
        assert env.integer("A", 5, least=3, most=9, environ={"A": " 9 "}) == 9

    @pytest.mark.parametrize("value", ["", "x", "1.5", "-1", "2", "10", "1e3", "0x5", "²", "१x", "4 4"])
    def test_nonsense(self, value: str) -> None:
        with pytest.raises(ImproperlyConfigured, match=r"A=.* must be a whole number from 3 to 9"):
            env.integer("A", 5, least=3, most=9, environ={"A": value})


def test_words() -> None:
    assert env.words("A", "x,y", environ={}) == ["x", "y"]
    assert env.words("A", environ={"A": " a , ,b,"}) == ["a", "b"]
    assert env.words("A", "x", environ={"A": ""}) == []


class TestDatabase:
    @pytest.mark.parametrize(
        ("url", "name"),
        [
            ("sqlite:///var/db.sqlite3", "var/db.sqlite3"),
            ("sqlite:////srv/db.sqlite3", "/srv/db.sqlite3"),
            ("sqlite:///with%20space", "with space"),
        ],
    )
    def test_sqlite(self, url: str, name: str) -> None:
        database = env.database("D", url, environ={})
        assert database["NAME"] == name
        assert database["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert "WAL" in database["OPTIONS"]["init_command"]

    def test_postgresql(self) -> None:
        database = env.database("D", "postgresql://me:p%40ss@db.internal:6432/zhike?sslmode=require", environ={})
        assert database["ENGINE"] == "django.db.backends.postgresql"
        assert (database["USER"], database["PASSWORD"]) == ("me", "p@ss")
        assert (database["HOST"], database["PORT"], database["NAME"]) == ("db.internal", "6432", "zhike")
        assert database["OPTIONS"] == {"sslmode": "require"}

    def test_postgresql_over_the_local_socket(self) -> None:
        database = env.database("D", "postgres:///zhike", environ={})
        assert (database["HOST"], database["PORT"], database["USER"], database["NAME"]) == ("", "", "", "zhike")

    @pytest.mark.parametrize("url", ["postgresql://host", "postgresql://host/", "postgresql://host:no/db"])
    def test_postgresql_that_names_nothing(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="D"):
            env.database("D", "", environ={"D": url})

    @pytest.mark.parametrize("url", ["oracle://h/db", "db.sqlite3", "", "sqlite://", "sqlite:///", "sqlite://host/db"])
    def test_what_is_not_supported_is_refused(self, url: str) -> None:
        with pytest.raises(ImproperlyConfigured, match="D"):
            env.database("D", "", environ={"D": url})

    def test_a_password_in_a_refused_url_is_not_shown(self) -> None:
        with pytest.raises(ImproperlyConfigured) as caught:
            env.database("D", "", environ={"D": "oracle://me:secret@h/db"})
        assert "secret" not in str(caught.value)

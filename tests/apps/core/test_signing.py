"""Standard Webhooks: our signatures against the reference library, its vectors, and what must be refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from apps.core.signing import BadSignature, is_secret, new_secret, sign, verify

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = 1_614_265_330
BODY = b'{"test": 2432232314}'
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
GOOD = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def headers(signature: str = GOOD, *, stamp: str = str(NOW), id: str = ID) -> dict[str, str]:
    return {"webhook-id": id, "webhook-timestamp": stamp, "webhook-signature": signature}


@pytest.mark.parametrize(
    ("id", "stamp", "body", "signature"),
    [
        (ID, NOW, BODY, GOOD),
        (
            "msg_zh_1",
            1_700_000_000,
            '{"type":"message.created","data":{"text":"你好"}}'.encode(),
            "v1,RCnlYI+N3J1tYe0aSFozx6SUC0UU7nSYAhjDnzRKX/8=",
        ),
    ],
)
def test_signatures_are_those_of_the_standard(id: str, stamp: int, body: bytes, signature: str) -> None:
    signed = sign([SECRET], id=id, timestamp=stamp, body=body)
    assert signed == {"webhook-id": id, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    assert verify([SECRET], signed, body, now=stamp) == id


@given(st.binary(max_size=300), st.text("abcXYZ019_-", min_size=1, max_size=40))
def test_the_reference_library_and_ours_agree(body: bytes, id: str) -> None:
    secret, stamp = new_secret(), int(datetime.now(UTC).timestamp())
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.hex()
    signed = sign([secret], id=id, timestamp=stamp, body=text.encode())
    theirs = Webhook(secret).sign(id, datetime.fromtimestamp(stamp, UTC), text)
    assert signed["webhook-signature"] == theirs
    assert verify([secret], headers(theirs, stamp=str(stamp), id=id), text.encode(), now=stamp) == id


@pytest.mark.parametrize("secret", [SECRET, SECRET.removeprefix("whsec_"), f"{SECRET}Br", SECRET[:-1]])
def test_secrets_are_taken_with_and_without_prefix_and_padding(secret: str) -> None:
    signed = sign([secret], id=ID, timestamp=NOW, body=BODY)
    assert verify([secret], signed, BODY, now=NOW) == ID


def test_any_of_several_signatures_and_secrets_will_do() -> None:
    listed = f"v1,Ceo5qEr07ixe2NLpvHk3FH9bwy/WavXrAFQ/9tdO6mc= v2,{GOOD[3:]} v1a,x {GOOD} v1,"
    assert verify([SECRET], headers(listed), BODY, now=NOW) == ID
    old, new = SECRET, new_secret()
    rotated = sign([new, old], id=ID, timestamp=NOW, body=BODY)
    assert verify([old], rotated, BODY, now=NOW) == verify([new], rotated, BODY, now=NOW) == ID
    assert verify([new, old], headers(), BODY, now=NOW) == ID


def test_names_of_headers_are_taken_in_any_case() -> None:
    shouted = {name.title(): value for name, value in headers().items()}
    assert verify([SECRET], shouted, BODY, now=NOW) == ID


@pytest.mark.parametrize("off", [-300, 0, 300])
def test_five_minutes_either_way_are_let_pass(off: int) -> None:
    assert verify([SECRET], headers(), BODY, now=NOW + off) == ID


@pytest.mark.parametrize(
    ("broken", "body", "now", "secret"),
    [
        (headers(GOOD.replace("1OE=", "1OA=")), BODY, NOW, SECRET),
        (headers(GOOD[3:]), BODY, NOW, SECRET),
        (headers(GOOD.replace("v1,", "v2,")), BODY, NOW, SECRET),
        (headers("v1,你好"), BODY, NOW, SECRET),
        (headers(""), BODY, NOW, SECRET),
        (headers(id=""), BODY, NOW, SECRET),
        (headers(id="msg_other"), BODY, NOW, SECRET),
        (headers(stamp="hello"), BODY, NOW, SECRET),
        (headers(stamp=""), BODY, NOW, SECRET),
        (headers(stamp="-1614265330"), BODY, NOW, SECRET),
        (headers(stamp="１６１４２６５３３０"), BODY, NOW, SECRET),
        (headers(stamp="9" * 5_000), BODY, NOW, SECRET),
        (headers(), b'{"test":2432232314}', NOW, SECRET),
        (headers(), BODY, NOW + 301, SECRET),
        (headers(), BODY, NOW - 301, SECRET),
        (headers(), BODY, NOW, "whsec_"),
        (headers(), BODY, NOW, ""),
        (headers(), BODY, NOW, "whsec_!!"),
        (headers(), BODY, NOW, new_secret()),
        ({}, BODY, NOW, SECRET),
    ],
)
def test_everything_else_is_refused(broken: dict[str, str], body: bytes, now: int, secret: str) -> None:
    with pytest.raises(BadSignature):
        verify([secret], broken, body, now=now)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_no_header_may_be_missing(missing: str) -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], {name: value for name, value in headers().items() if name != missing}, BODY, now=NOW)


@pytest.mark.parametrize(("secrets", "id"), [([], ID), ([""], ID), (["whsec_"], ID), ([SECRET], "a.b"), ([SECRET], "")])
def test_nothing_is_signed_without_a_key_or_with_an_ambiguous_id(secrets: list[str], id: str) -> None:
    with pytest.raises(ValueError, match=r"secret|id"):
        sign(secrets, id=id, timestamp=NOW, body=BODY)


def test_new_secrets_are_long_and_differ() -> None:
    made = {new_secret() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(r"whsec_[A-Za-z0-9+/]{43}=", secret) for secret in made)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (SECRET, True),
        (SECRET.removeprefix("whsec_"), True),
        (f"whsec_{'A' * 86}", True),
        (f"whsec_{'A' * 88}", False),
        ("whsec_c2hvcnQ=", False),
        ("whsec_", False),
        ("", False),
        ("whsec_!!", False),
        ("密", False),
    ],
)
def test_what_is_a_secret(text: str, good: bool) -> None:
    assert is_secret(text) is good

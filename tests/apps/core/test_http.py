"""The guarded HTTP client: what it refuses to call, where it really connects, and how failures are told apart."""

from __future__ import annotations

import datetime
import gzip
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import override_settings

from apps.core.addresses import AddressRefused, AllowList, is_public, target_of
from apps.core.http import MOST_BYTES, OutboundFailed, OutboundRefused, Response, allowed_hosts, guarded_request

NOBODY = AllowList()
PUBLIC = "93.184.216.34"


@dataclass
class Server:
    """A server of this machine, and what it was asked: path, headers in small letters, body."""

    port: int
    release: threading.Event
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def own(self) -> AllowList:
        return AllowList.of([f"127.0.0.1:{self.port}"])

    def call(self, path: str, *, timeout: float = 5.0, **more: Any) -> Response:
        url = f"http://127.0.0.1:{self.port}{path}"
        return guarded_request(
            "POST", url, **{"body": b"{}", "headers": {}, "allow": self.own, **more}, timeout=timeout
        )

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["content-length"]))
        self.asked.append((handler.path, {name.lower(): value for name, value in handler.headers.items()}, body))
        if handler.path == "/silent":
            self.release.wait(30)
        elif handler.path == "/drop":
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif handler.path == "/drip":
            self.drip(handler)
        elif handler.path == "/redirect":
            self.send(handler, 302, b"", location="http://169.254.169.254/latest/")
        elif handler.path == "/garbage":
            handler.wfile.write(b"this is not HTTP\r\n\r\n")
        elif handler.path == "/packed":
            self.send(handler, 200, gzip.compress(b"x" * 10_000_000), **{"content-encoding": "gzip"})
        else:
            size = {"/full": MOST_BYTES, "/big": MOST_BYTES + 1}.get(handler.path)
            self.send(handler, 200, b"x" * size if size else b'{"status":"ok"}')

    def drip(self, handler: BaseHTTPRequestHandler) -> None:
        """One byte after the other, each in time, and never an end."""
        handler.send_response(200)
        handler.send_header("content-length", "100000")
        handler.end_headers()
        while not self.release.wait(0.05):
            handler.wfile.write(b"x")

    @staticmethod
    def send(handler: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def serving(tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            try:
                server.answer(self)
            except OSError:
                self.close_connection = True  # the client has gone

        def log_message(self, *_args: object) -> None:
            """Nothing to read."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_args: object) -> None:
            """A refused handshake is what some tests are about."""

    listener = Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        listener.socket = tls.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    server = Server(listener.server_port, threading.Event())
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.release.set()
    listener.shutdown()
    listener.server_close()
    thread.join()


@pytest.fixture
def server() -> Iterator[Server]:
    yield from serving()


class TestAddresses:
    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "127.1", "0x7f000001", "0x7f.1", "2130706433", "017700000001", "0177.0.0.1", "0.0.0.0", "0",
            "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254", "192.88.99.1", "224.0.0.1",
            "240.0.0.1", "255.255.255.255", "198.18.0.1",
            "[::]", "[::1]", "[::ffff:169.254.169.254]", "[::ffff:7f00:1]", "[::7f00:1]", "[64:ff9b::7f00:1]",
            "[64:ff9b:1::1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fd00::1]", "[fe80::1]", "[fec0::1]", "[ff02::1]",
            "localhost", "localhost.", "LOCALHOST", "api.localhost", "metadata.google.internal", "printer.local",
            "１２７.0.0.1", "①②⑦.0.0.1", "127。0。0。1", "ⓛocalhost",
            "ok@10.0.0.1", "ok:secret@example.com", "[::1%25eth0]", "127.0.0.1%2f.example.com",
        ],
    )  # fmt: skip
    def test_what_is_not_on_the_open_internet_is_refused_without_being_called(self, host: str) -> None:
        with pytest.raises(OutboundRefused) as refused:
            guarded_request("POST", f"https://{host}/", headers={}, timeout=5, allow=NOBODY, dial=no_dial)
        assert refused.value.reason.endswith(".")

    @pytest.mark.parametrize(
        "url",
        [
            "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com/", "example.com", "",
            "https://", "https:///path", "https://example.com:22/", "https://example.com:80/", "https://example.com:x/",
            "https://example.com:99999/", "https://exa mple.com/", "https://example.com/\r\nHost: other",
            "https://example.com\\@10.0.0.1/", "https://-example.com/", "https://exa..mple.com/", "https://[::1/",
            "https://example.com/" + "x" * 2_000, "https://" + "a." * 150 + "com/", "https://exa\u202emple.com/",
        ],
    )  # fmt: skip
    def test_what_is_no_plain_https_address_is_refused(self, url: str) -> None:
        with pytest.raises(AddressRefused):
            target_of(url, NOBODY)

    def test_a_name_in_any_script_has_one_spelling(self) -> None:
        target = target_of("https://BÜCHER.Example:8443/ä b?q=中".replace(" ", "%20"), NOBODY)
        assert (target.host, target.port) == ("xn--bcher-kva.example", 8443)
        assert target.path == "/%C3%A4%20b?q=%E4%B8%AD"

    def test_one_private_address_among_public_ones_is_enough(self) -> None:
        for ip in ("10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "fe80::1%eth0", "no address"):
            with pytest.raises(OutboundRefused, match="private network"):
                ask("https://shop.example/", resolve=lambda _host, _port, ip=ip: [PUBLIC, ip], dial=no_dial)

    @pytest.mark.parametrize("ip", ["8.8.8.8", PUBLIC, "2606:4700:4700::1111"])
    def test_public_addresses_are_public(self, ip: str) -> None:
        assert is_public(ip)

    def test_the_operators_list_opens_one_host_and_port_without_tls(self) -> None:
        allow = AllowList.of(["127.0.0.1:9000", " CRM.intranet ", "[fd00::1]:8080"])
        for url in (
            "http://127.0.0.1:9000/",
            "http://crm.intranet/",
            "https://crm.intranet:444/",
            "http://[fd00::1]:8080/",
        ):
            assert target_of(url, allow).allowed
        for url in ("http://127.0.0.1:9001/", "http://crm.intranet.example/", "http://[fd00::1]/"):
            with pytest.raises(AddressRefused):
                target_of(url, allow)

    @override_settings(OUTBOUND_ALLOW=["127.0.0.1:9000"], DEBUG=True)
    def test_a_developers_machine_may_speak_plain_http_but_not_to_itself(self) -> None:
        assert target_of("http://example.com/", allowed_hosts()).port == 80
        assert target_of("http://127.0.0.1:9000/", allowed_hosts()).allowed
        with pytest.raises(OutboundRefused):
            guarded_request("GET", "http://127.0.0.1/", headers={}, timeout=5, allow=allowed_hosts(), dial=no_dial)


class TestConnecting:
    def test_the_connection_goes_to_the_checked_address_and_the_name_is_looked_up_once(self, server: Server) -> None:
        looked_up, dialled = [], []

        def resolve(host: str, port: int) -> Sequence[str]:
            looked_up.append((host, port))
            return [PUBLIC] if len(looked_up) == 1 else ["127.0.0.1"]  # what rebinding does

        def dial(ip: str, port: int, seconds: float) -> socket.socket:
            dialled.append((ip, port))
            return socket.create_connection(("127.0.0.1", server.port), seconds)

        allow = AllowList(plain_http=True)
        response = ask("http://shop.example/hook?a=1", allow=allow, resolve=resolve, dial=dial, body=b"\xe4\xbd\xa0")
        assert (response.status, response.body) == (200, b'{"status":"ok"}')
        assert looked_up == [("shop.example", 80)]
        assert dialled == [(PUBLIC, 80)]
        path, headers, body = server.asked[0]
        assert (path, headers["host"], body) == ("/hook?a=1", "shop.example", b"\xe4\xbd\xa0")

    def test_the_next_address_is_tried_where_one_does_not_answer(self, server: Server) -> None:
        def dial(ip: str, _port: int, seconds: float) -> socket.socket:
            if ip == PUBLIC:
                raise ConnectionRefusedError
            return socket.create_connection(("127.0.0.1", server.port), seconds)

        allow = AllowList(plain_http=True)
        found = ask("http://shop.example/", allow=allow, resolve=lambda _host, _port: [PUBLIC, "8.8.8.8"], dial=dial)
        assert found.status == 200

    def test_a_dead_address_leaves_time_for_the_next(self, server: Server) -> None:
        seconds_given = []

        def dial(ip: str, _port: int, seconds: float) -> socket.socket:
            seconds_given.append(seconds)
            if ip == PUBLIC:
                raise TimeoutError
            return socket.create_connection(("127.0.0.1", server.port), seconds)

        allow = AllowList(plain_http=True)
        ips = [PUBLIC, "8.8.8.8"]
        found = ask("http://shop.example/", allow=allow, resolve=lambda _host, _port: ips, dial=dial, timeout=8.0)
        assert found.status == 200
        assert seconds_given[0] <= 4

    def test_a_redirect_is_an_answer_and_nothing_follows_it(self, server: Server) -> None:
        response = server.call("/redirect", dial=only_to(server.port))
        assert (response.status, response.headers["location"]) == (302, "http://169.254.169.254/latest/")
        assert len(server.asked) == 1

    def test_proxies_of_the_environment_are_not_used(self, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, "http://127.0.0.1:1")
        assert server.call("/").status == 200


class TestFailures:
    """``sent`` is what a caller that writes has to know."""

    def test_nobody_listens(self) -> None:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            failed = failure(f"http://127.0.0.1:{port}/", allow=AllowList.of([f"127.0.0.1:{port}"]))
        assert (failed.kind, failed.sent) == ("connect", False)

    def test_an_unknown_name(self) -> None:
        def resolve(_host: str, _port: int) -> Sequence[str]:
            raise socket.gaierror("unknown")

        failed = failure("https://shop.example/", resolve=resolve)
        assert (failed.kind, failed.sent) == ("connect", False)

    def test_a_resolver_that_does_not_come_back(self) -> None:
        answered = threading.Event()

        def resolve(_host: str, _port: int) -> Sequence[str]:
            answered.wait(30)
            return [PUBLIC]

        failed = failure("https://shop.example/", timeout=0.1, resolve=resolve)
        answered.set()
        assert (failed.kind, failed.sent) == ("timeout", False)

    @pytest.mark.parametrize(
        ("path", "kind"),
        [
            ("/silent", "timeout"),
            ("/drip", "timeout"),
            ("/drop", "dropped"),
            ("/garbage", "dropped"),
            ("/big", "too_large"),
        ],
    )
    def test_what_failed_after_the_request_was_sent_says_so(self, server: Server, path: str, kind: str) -> None:
        began = time.monotonic()
        with pytest.raises(OutboundFailed) as failed:
            server.call(path, timeout=0.4)
        assert (failed.value.kind, failed.value.sent) == (kind, True)
        assert time.monotonic() - began < 3  # dripping bytes do not prolong it
        assert len(server.asked) == 1

    def test_an_answer_is_read_up_to_one_megabyte_and_never_unpacked(self, server: Server) -> None:
        assert len(server.call("/full").body) == MOST_BYTES
        packed = server.call("/packed")
        assert server.asked[-1][1]["accept-encoding"] == "identity"
        assert gzip.decompress(packed.body) == b"x" * 10_000_000

    def test_a_header_that_would_begin_another_is_refused(self, server: Server) -> None:
        with pytest.raises(OutboundRefused):
            server.call("/", headers={"x-name": "a\r\nx-other: b"})
        assert server.asked == []


class TestTls:
    @pytest.fixture
    def trusted(self, tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
        """The context of a server that proves to be shop.example, and one of a client that believes it."""
        certificate, key = own_certificate("shop.example", tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context, ssl.create_default_context(cafile=str(certificate))

    def test_the_certificate_is_checked_against_the_name_and_not_the_ip(
        self, trusted: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        context, tls = trusted
        asked_for: list[str | None] = []
        context.sni_callback = lambda _socket, name, _context: asked_for.append(name)
        for server in serving(context):
            found = ask("https://shop.example/", resolve=one_public, dial=only_to(server.port), tls=tls)
            assert found.status == 200
            assert server.asked[0][1]["host"] == "shop.example"
        assert asked_for == ["shop.example"]

    @pytest.mark.parametrize("host", ["other.example", PUBLIC])
    def test_nothing_is_sent_to_who_has_no_certificate_for_the_name(
        self, trusted: tuple[ssl.SSLContext, ssl.SSLContext], host: str
    ) -> None:
        context, tls = trusted
        for server in serving(context):
            failed = failure(f"https://{host}/", resolve=one_public, dial=only_to(server.port), tls=tls)
            assert (failed.kind, failed.sent) == ("connect", False)
            assert server.asked == []

    def test_a_certificate_of_no_public_authority_does_not_count(
        self, trusted: tuple[ssl.SSLContext, ssl.SSLContext]
    ) -> None:
        for server in serving(trusted[0]):
            failed = failure("https://shop.example/", resolve=one_public, dial=only_to(server.port))
            assert (failed.kind, failed.sent) == ("connect", False)


# --- what the tests above are made of -----------------------------------------------------------------------------


def ask(url: str, **more: Any) -> Response:
    return guarded_request("POST", url, **{"body": b"{}", "headers": {}, "timeout": 5.0, "allow": NOBODY, **more})


def failure(url: str, **more: Any) -> OutboundFailed:
    with pytest.raises(OutboundFailed) as failed:
        ask(url, **more)
    return failed.value


def one_public(_host: str, _port: int) -> Sequence[str]:
    return [PUBLIC]


def no_dial(ip: str, _port: int, _seconds: float) -> socket.socket:
    raise AssertionError(f"{ip} was called")


def only_to(port: int) -> Any:
    """Connections that all end at a server of this machine, as the network would lead a public address elsewhere."""
    return lambda _ip, _port, seconds: socket.create_connection(("127.0.0.1", port), seconds)


def own_certificate(name: str, folder: Path) -> tuple[Path, Path]:
    """A certificate for ``name`` that vouches for itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths

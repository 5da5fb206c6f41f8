"""A connection that fails is told with its reason and the remedy, and tried again only where that can help."""

import socket
import time
from pathlib import Path

import pytest

from intercom_kit import CertificateError, ConnectionFailedError, connect
from intercom_kit.api.unreachable import unreachable

from .answering import Answer, free_port
from .certificates import certificate
from .conftest import TOKEN, Connect, Serve

pytestmark = pytest.mark.usefixtures("quick")


class TestCertificates:
    def test_one_that_is_not_trusted_names_the_remedy_at_once(self, serve: Serve, tmp_path: Path) -> None:
        served, _ = certificate(tmp_path)
        server = serve(Answer(), certificates=served)
        began = time.monotonic()
        with pytest.raises(CertificateError, match=r"self-signed.*SSL_CERT_FILE.*system's store"):
            connect(TOKEN, base_url=server.base_url)
        assert time.monotonic() - began < 5
        assert server.asked == []

    def test_what_ssl_cert_file_names_is_trusted_also_if_it_is_set_after_a_failure(
        self, serve: Serve, connected: Connect, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, trusted = certificate(tmp_path)
        server = serve(Answer(), certificates=served)
        with pytest.raises(CertificateError):
            connect(TOKEN, base_url=server.base_url)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        assert len(connected(server).teams()) == 1

    def test_a_file_that_does_not_hold_it_is_named(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "other").mkdir()
        _, other = certificate(tmp_path / "other")
        served, _ = certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(other))
        with pytest.raises(CertificateError, match=f"add it to {other}, which SSL_CERT_FILE names"):
            connect(TOKEN, base_url=serve(Answer(), certificates=served).base_url)

    def test_one_that_is_over_asks_to_look_at_the_clock(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, trusted = certificate(tmp_path, days=-1)
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with pytest.raises(CertificateError, match=r"expired.*clock"):
            connect(TOKEN, base_url=serve(Answer(), certificates=served).base_url)

    def test_one_of_another_host_asks_to_look_at_the_address(
        self, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        served, trusted = certificate(tmp_path, host="10.0.0.1")
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        with pytest.raises(CertificateError, match=r"for another host.*base_url"):
            connect(TOKEN, base_url=serve(Answer(), certificates=served).base_url)

    @pytest.mark.parametrize("content", [None, "", "no certificate", "-----BEGIN CERTIFICATE-----\nx\n"])
    def test_a_file_that_cannot_be_read_is_named(
        self, content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = tmp_path / "certificates.pem"
        if content is not None:
            named.write_text(content)
        monkeypatch.setenv("SSL_CERT_FILE", str(named))
        with pytest.raises(CertificateError, match=r"SSL_CERT_FILE.*certificates\.pem"):
            connect(TOKEN, base_url="https://127.0.0.1:9")

    def test_no_certificate_is_read_for_what_is_not_encrypted(
        self, serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", "/not/there")
        assert len(connected(serve(Answer())).teams()) == 1


class TestReasons:
    def test_a_server_without_tls_is_told_apart(self, serve: Serve) -> None:
        server = serve(Answer())
        with pytest.raises(ConnectionFailedError, match=r"does not speak TLS.*begins with http://"):
            connect(TOKEN, base_url=server.base_url.replace("http:", "https:"))

    def test_a_name_that_nobody_knows_points_at_its_spelling(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def unknown(*_: object, **__: object) -> None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

        monkeypatch.setattr(socket, "getaddrinfo", unknown)
        with pytest.raises(ConnectionFailedError, match=r"api\.intercon\.io is not a host name.*base_url.*region.*VPN"):
            connect(TOKEN, base_url="https://api.intercon.io")

    def test_a_refused_connection_is_told_in_the_words_of_the_system(self) -> None:
        with pytest.raises(ConnectionFailedError, match=r"Connection refused\. .*Is the sandbox running\?"):
            connect(TOKEN, base_url=f"http://127.0.0.1:{free_port()}")

    def test_a_failure_without_words_has_its_type(self) -> None:
        assert "SomeError" in str(unreachable("http://x.example", type("SomeError", (Exception,), {})()))


def test_an_answer_that_never_ends_is_given_up_on(
    serve: Serve, connected: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intercom_kit.api.transport.LONGEST_ANSWER", 0.2)

    def slow(_: object) -> Answer:
        time.sleep(1)
        return Answer()

    ws = connected(serve(slow), patience=0.5)
    began = time.monotonic()
    with pytest.raises(ConnectionFailedError, match="in time"):
        ws.teams()
    assert time.monotonic() - began < 5

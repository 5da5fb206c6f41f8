"""`intercom-kit mcp --tenants`: what it needs to start, where it stores connections, and what its log never holds."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from cryptography.fernet import Fernet

from intercom_kit.auth import profiles
from intercom_kit.auth.profiles import load
from intercom_kit.cli import main
from intercom_kit.sandbox import Sandbox
from tests.mcp.serving import serving_http

from .asking import ISSUER, URL, Asking, Browser, Issuer, code_on, page_in

OPTIONS = ["mcp", "--http", "--tenants"]
PUBLIC = ["--public-url", URL, "--issuer", ISSUER, "--keys", "http://127.0.0.1:9/keys"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([*OPTIONS], "--tenants needs --public-url"),
        (["mcp", "--tenants", *PUBLIC], "Give --tenants with --http"),
        ([*OPTIONS, *PUBLIC, "--demo"], "without --demo"),
        ([*OPTIONS, *PUBLIC, "--profile", "mine"], "--profile"),
        ([*OPTIONS, *PUBLIC], "client id and secret"),
    ],
)
def test_what_is_missing_is_told(arguments: list[str], told: str, tmp_path: Path) -> None:
    refused = CliRunner().invoke(main, arguments, env={"INTERCOM_KIT_HOME": str(tmp_path)})
    assert refused.exit_code != 0
    assert told in refused.output


@pytest.mark.parametrize(("more", "told"), [([], "set INTERCOM_STORE_KEYS"), (["--tenant-claim", "email"], "'email'")])
def test_it_does_not_start_without_a_key_or_with_a_claim_that_people_choose(
    more: list[str], told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path))
    app = {"INTERCOM_CLIENT_ID": "id", "INTERCOM_CLIENT_SECRET": "secret-of-the-app"}
    refused = CliRunner().invoke(main, [*OPTIONS, *PUBLIC, *more], env=app)
    assert told in refused.output
    assert "secret-of-the-app" not in refused.output


@contextmanager
def started(arguments: list[str], environment: dict[str, str], log: Path) -> Iterator[str]:
    """Start the program on a free port, and yield its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "intercom_kit.cli", *arguments, "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output) as program,
    ):
        address = f"http://127.0.0.1:{port}/mcp"
        try:
            for _ in range(600):
                try:
                    httpx.get(address, timeout=5)
                    break
                except httpx.ConnectError:
                    assert program.poll() is None, log.read_text()
                    time.sleep(0.1)
            yield address
        finally:
            program.terminate()


def test_a_tenant_connects_and_neither_log_nor_store_holds_a_secret(
    issuer: Issuer, sandboxes: list[Sandbox], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox, key, log = sandboxes[0], Fernet.generate_key().decode(), tmp_path / "log"
    environment = {
        "INTERCOM_KIT_HOME": str(tmp_path),
        "INTERCOM_STORE_KEYS": key,
        "INTERCOM_CLIENT_ID": sandbox.client_id,
        "INTERCOM_CLIENT_SECRET": sandbox.client_secret,
        "INTERCOM_BASE_URL": sandbox.base_url,
    }
    with serving_http(issuer.keys()) as keys:
        arguments = [*OPTIONS, "--public-url", URL, "--issuer", ISSUER, "--keys", keys]
        with started(arguments, environment, log) as address:
            ann, browser = Asking(address, issuer.token("ann")), Browser(address)
            page = page_in(ann.call("intercom_list_segments").refused)
            redirected = browser.allowed(page)
            code = code_on(browser.open(redirected))
            browser.open(redirected + "&again=1")
            assert "Connected" in ann.call("intercom_connect", code=code).text
            assert ann.call("intercom_list_all_contacts", limit=1).answer["rows"]
    monkeypatch.setenv("INTERCOM_KIT_HOME", str(tmp_path / "tenants"))
    monkeypatch.setenv("INTERCOM_STORE_KEYS", key)
    (profile,) = profiles.profiles()
    assert profile.name.startswith("ann-")
    kept = (tmp_path / "tenants" / "profiles.json").read_text() + log.read_text()
    secrets = [load(profile.name).token.reveal(), sandbox.client_secret, key, ann.token]
    secrets += [code, page.rpartition("/")[2], *redirected.partition("?")[2].split("&")]
    assert [secret for secret in secrets if secret in kept] == []
    assert not (tmp_path / "profiles.json").exists()

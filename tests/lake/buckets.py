"""A local server that speaks S3, moto, in an environment of its own: its packages forbid those of pandas 3.1."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

MOTO = ("moto==5.2.5", "flask==3.1.3", "flask-cors==6.0.5")
HAS_S3FS = importlib.util.find_spec("s3fs") is not None
_numbers = count(1)


class Buckets:
    """The server: places for lakes, each in a bucket of its own, and how to reach them."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.environment = {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
        }

    @property
    def options(self) -> dict[str, Any]:
        """Return `storage_options=`, as the package understands them that is installed."""
        if HAS_S3FS:
            return {"key": "test", "secret": "test", "endpoint_url": self.endpoint}
        return {
            "config": {"access_key_id": "test", "secret_access_key": "test", "endpoint": self.endpoint},
            "client_options": {"allow_http": True},
        }

    def place(self) -> str:
        """Return the URL of a place in a new bucket."""
        bucket = f"bucket-{next(_numbers)}"
        urlopen(Request(f"{self.endpoint}/{bucket}", method="PUT"), timeout=10).close()  # noqa: S310 - our own server
        return f"s3://{bucket}/years/lake"


@contextmanager
def served(log: Path) -> Iterator[Buckets]:
    """Start the server on a free port, and stop it; skip the test where its packages cannot be had."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    needs = [word for package in MOTO for word in ("--with", package)]
    words = [sys.executable, "-m", "uv", "run", "-q", "--no-project", "--isolated", "--python", sys.executable, *needs]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    with log.open("w") as told:
        command = [*words, "python", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with subprocess.Popen(command, stdout=told, stderr=told, env=environment) as program:
            try:
                _wait(program, port, log)
                yield Buckets(f"http://127.0.0.1:{port}")
            finally:
                program.terminate()


def _wait(program: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if program.poll() is not None:
            pytest.skip(f"moto, which stands in for S3, cannot be installed: {log.read_text()[-300:]}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.skip("moto, which stands in for S3, did not start")

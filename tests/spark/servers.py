"""Servers of Spark Connect on this machine, started and stopped by the tests."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

_LONGEST_START = 120  # seconds
_CLUSTER = "local-cluster[2,1,1024]"
_QUICK = "-XX:TieredStopAtLevel=1"  # compiling more would take longer than these queries do
SETTINGS = {
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": _QUICK,
    "spark.executor.extraJavaOptions": _QUICK,
    "spark.log.level": "ERROR",
    "spark.connect.progress.reportInterval": "100ms",
    # Small data: plans are not changed on the way, and classes are not compiled for each query.
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}


@dataclass(frozen=True)
class Server:
    """A running server: its address for clients, and that of what it tells of its work."""

    remote: str
    told: str

    def ask(self, what: str) -> list[dict[str, Any]]:
        """Return what the server tells of its "executors" or "jobs"."""
        with urlopen(f"{self.told}/api/v1/applications", timeout=30) as answer:  # noqa: S310
            (application,) = json.load(answer)
        with urlopen(f"{self.told}/api/v1/applications/{application['id']}/{what}", timeout=30) as answer:  # noqa: S310
            found: list[dict[str, Any]] = json.load(answer)
        return found


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


@contextmanager
def _running(command: list[str], port: int, **options: Any) -> Iterator[None]:
    """Run a program until the block ends, which begins when it listens to a port."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True, **options)
        try:
            until = time.monotonic() + _LONGEST_START
            while process.poll() is None and time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.2)
            else:
                output.seek(0)
                raise AssertionError(output.read().decode(errors="replace")[-3_000:])
            yield
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(30)


@contextmanager
def cluster(environment: Path) -> Iterator[Server]:
    """Run Spark Connect over two workers, from an environment that has the whole of Spark."""
    (home,) = environment.resolve().glob("lib/python*/site-packages/pyspark")
    port, told = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        settings = SETTINGS | {"spark.connect.grpc.binding.port": str(port), "spark.ui.port": str(told)}
        settings |= {"spark.connect.grpc.binding.address": "127.0.0.1"}
        settings |= {"spark.sql.warehouse.dir": folder, "spark.local.dir": folder}
        command = [str(home / "bin" / "spark-submit"), "--master", _CLUSTER]
        for name, value in settings.items():
            command += ["--conf", f"{name}={value}"]
        command += ["--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"]
        known = {"SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1", "SPARK_WORKER_DIR": f"{folder}/work"}
        with _running(command, port, env=os.environ | known, cwd=folder):
            yield Server(f"sc://127.0.0.1:{port}", f"http://127.0.0.1:{told}")


@contextmanager
def sail() -> Iterator[str]:
    """Run Sail, and give its address."""
    port = free_port()
    start = f"from pysail.spark import SparkConnectServer as S; S('127.0.0.1', {port}).start(background=False)"
    with _running([sys.executable, "-W", "ignore", "-c", start], port):
        yield f"sc://127.0.0.1:{port}"

"""The local cloud's processes: started together, kept alive, stopped without a trace."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from devcloud.places import CannotStart, free_port
from devcloud.supervisor import Cloud

NO_REDIS = {"TAVERN_REDIS_URL": ""}


def until(condition: Callable[[], bool], timeout_seconds: float = 10) -> None:
    deadline = time.monotonic() + timeout_seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def test_a_taken_port_is_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CannotStart, match=f"Port {port} is already in use.*PORT={port + 1}"):
            Cloud(tmp_path, port=port).start()


def test_two_clouds_do_not_share_a_folder(idle_cloud: Cloud) -> None:
    with pytest.raises(CannotStart, match="already runs with the data in"):
        Cloud(idle_cloud.data, port=0).start()


def test_a_part_that_does_not_start_says_why(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path, port=0, workers=0, settings={**NO_REDIS, "TAVERN_SIGN_UP": "sometimes"})
    with pytest.raises(CannotStart, match="TAVERN_SIGN_UP"):
        cloud.start()
    assert all(cloud.pid(role) is None for role in cloud.roles)


def test_keys_are_made_once_and_only_their_owner_reads_them(idle_cloud: Cloud) -> None:
    for name in ("root.key", "aws.key"):
        path = idle_cloud.data / name
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert len(path.read_text().strip()) == 64


def test_the_settings_tell_the_product_where_it_is(idle_cloud: Cloud) -> None:
    told = idle_cloud.environment
    assert told["TAVERN_PUBLIC_URL"] == idle_cloud.url
    assert told["TAVERN_MEDIA_ENDPOINT"] == idle_cloud.url
    assert str(idle_cloud.places.port) in told["TAVERN_FORBIDDEN_PORTS"].split(",")
    assert str(idle_cloud.places.aws_port) in told["TAVERN_FORBIDDEN_PORTS"].split(",")
    assert "127.0.0.0/8" in told["TAVERN_PRIVATE_NETWORKS"]
    assert told["TAVERN_GENERATION_QUEUE_URL"].endswith("/tavern-generations")
    assert "TAVERN_REDIS_URL" not in told


def test_only_this_machine_reaches_it_unless_it_is_asked(idle_cloud: Cloud) -> None:
    addresses = {
        connection.laddr.ip
        for role in idle_cloud.roles
        for connection in psutil.Process(idle_cloud.pid(role)).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert addresses == {"127.0.0.1"}


def test_redis_runs_where_there_is_one_and_keeps_its_data(tmp_path: Path) -> None:
    import redis

    said: list[str] = []
    cloud = Cloud(tmp_path, port=0, workers=0, say=said.append)
    cloud.start()
    try:
        with redis.Redis.from_url(cloud.environment["TAVERN_REDIS_URL"]) as client:
            client.set("kept", "yes")
            client.execute_command("WAITAOF", 0, 0, 0) if client.info()["redis_version"] >= "7.2" else time.sleep(1.1)
        cloud.wait_until_up("redis", not_pid=cloud.kill("redis"))
        with redis.Redis.from_url(cloud.environment["TAVERN_REDIS_URL"]) as client:
            assert client.get("kept") == b"yes"
    finally:
        cloud.stop()
    assert any(line.startswith("Redis: ") for line in said)
    assert any("redis ended (signal SIGKILL); starting it again" in line for line in said)


def _run(data: Path, port: int) -> subprocess.Popen[str]:
    environment = {**os.environ, "TAVERN_REDIS_URL": ""}
    command = [sys.executable, "-m", "devcloud", "--port", str(port), "--data", str(data), "--workers", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
    assert process.stdout is not None
    for line in process.stdout:
        if "open http" in line:
            return process
    raise AssertionError("It did not start.")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(tmp_path: Path, number: int) -> None:
    process = _run(tmp_path, free_port())
    children = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    with process:
        assert process.wait(10) == 0
    assert children
    assert not any(child.is_running() for child in children)
    assert not (tmp_path / "aws.db-wal").exists()


def test_a_killed_cloud_takes_its_processes_along_and_starts_again_at_once(tmp_path: Path) -> None:
    port = free_port()
    process = _run(tmp_path, port)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    with process:
        process.wait(10)
    again = _run(tmp_path, port)
    until(lambda: not any(child.is_running() for child in children))
    again.terminate()
    with again:
        assert again.wait(10) == 0

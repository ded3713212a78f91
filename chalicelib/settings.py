"""Every knob of a deployment, read once. Nothing else reads the environment.

A knob named `public_url` is set by `TAVERN_PUBLIC_URL`. A `TAVERN_` variable that names no knob, or holds a value that
does not fit, stops the start with a sentence.
"""

import json
import os
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

PREFIX = "TAVERN_"


class InvalidSettings(Exception):
    """The environment does not describe a deployment; the message names each bad variable."""


class Settings(BaseModel):
    """One deployment. Defaults suit a laptop; docs/operations.md explains each knob."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    # --- where things are
    stage: str = "local"
    region: str = "us-east-1"
    aws_endpoint: str | None = None
    """Base URL of an emulated AWS; None means the real one."""
    table_prefix: str = "tavern"
    media_bucket: str = "tavern-media"
    media_endpoint: str | None = None
    """Where browsers reach the bucket, when that differs from `aws_endpoint`."""
    generation_queue_url: str = ""
    job_queue_url: str = ""
    redis_url: str | None = None
    redis_cluster: bool = False
    socket_endpoint: str = ""
    """Base URL under which `@connections/{id}` takes frames for sockets."""
    socket_url: str = ""
    """Address browsers open; empty means the page's own host under /socket."""
    public_url: str = "http://127.0.0.1:8787"

    # --- secrets (exactly one source for the root key)
    root_key: SecretStr | None = None
    root_key_file: str | None = None
    root_key_parameter: str | None = None
    """Name of an SSM SecureString."""
    kms_key_id: str | None = None

    # --- people
    sign_up: Literal["open", "invitation", "closed"] = "open"
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    mail_from: str | None = None
    """Sender of password mails through SES; without it the operator hands out the link."""
    trusted_proxy_secret: SecretStr | None = None
    """Value of X-Origin-Secret that makes CloudFront-Viewer-Address believable."""

    # --- limits
    requests_per_minute: int = Field(default=600, ge=1)
    """A signed-in user's REST requests."""
    socket_frames_per_minute: int = Field(default=300, ge=1)
    """Frames that one socket may send; all sockets of one person together four times as many."""
    sockets_most: int = Field(default=200, ge=1)
    """Sockets one person may have open: every frame of a reply is posted to each that follows its chat."""
    sign_ins_per_minute: int = Field(default=20, ge=1)
    """Sign-in, sign-up and reset attempts of one address."""
    replies_per_day: int = Field(default=2_000, ge=1)
    tokens_per_day: int = Field(default=5_000_000, ge=1)
    storage_bytes: int = Field(default=2_000_000_000, ge=1)
    """What one user may keep in the bucket."""
    auto_replies_most: int = Field(default=20, ge=0, le=500)
    """Replies a group gives to one action of a person before it waits for another one: where auto mode ends."""
    abandoned_reply_seconds: int = Field(default=600, ge=10)
    """A reply that nobody follows ends after this time."""

    event_readers_most: int = Field(default=64, ge=1)
    """Readers of event streams that one process lets wait for text, a quarter of them of one user."""

    kept_prompts: float = Field(default=1.0, ge=0, le=1)
    """The share of replies whose prompts are kept for 30 days; 0 keeps none."""

    # --- models
    demo_model: bool = True
    private_networks: tuple[str, ...] = ()
    """CIDR ranges that connections may reach besides the public internet, for example 127.0.0.0/8."""
    forbidden_ports: tuple[int, ...] = ()
    """Ports of this deployment itself, refused on private addresses."""
    bedrock_models: tuple[str, ...] = ()
    bedrock_tokens_per_day: int = 0
    provider_stall_seconds: float = Field(default=60.0, gt=0)
    """How long a model may stay silent, before the first token and between two."""

    # --- streaming
    first_frame_seconds: float = Field(default=0.0, ge=0)
    frame_seconds_least: float = Field(default=0.1, gt=0)
    frame_seconds_most: float = Field(default=0.4, gt=0)
    frame_bytes: int = Field(default=2048, ge=256)
    crowded_replies: int = Field(default=250, ge=1)
    """Replies that one process writes at once, from which on the intervals between frames stretch, up to a second."""
    lease_seconds: float = Field(default=18.0, gt=0)
    """A chat whose worker was lost is free again after so long: 20 seconds are promised."""
    lease_renew_seconds: float = Field(default=10.0, gt=0)
    segment_seconds: float = Field(default=1.5, gt=0)
    """The durable text is at most this far behind."""
    log_seconds: int = Field(default=3600, ge=60)
    reply_bytes: int = Field(default=1_000_000, ge=1_000)
    redis_timeout_seconds: float = Field(default=0.2, gt=0)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """The settings the variables describe; tuples are JSON lists or comma-separated. Raises InvalidSettings."""
        given = {
            name[len(PREFIX) :].lower(): _parsed(value)
            for name, value in environment.items()
            if name.startswith(PREFIX)
        }
        for name in ("private_networks", "forbidden_ports", "bedrock_models"):
            if isinstance(given.get(name), str):
                given[name] = [part.strip() for part in given[name].split(",") if part.strip()]
            elif name in given and not isinstance(given[name], list):
                given[name] = [given[name]]
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            lines = [f"{PREFIX}{'_'.join(map(str, e['loc'])).upper()}: {_reason(e)}" for e in error.errors()]
            raise InvalidSettings("These settings do not fit:\n  " + "\n  ".join(lines)) from None


@cache
def settings() -> Settings:
    """This process's settings, read from its environment at the first call. Raises InvalidSettings."""
    return Settings.from_environment(os.environ)


def _parsed(value: str) -> Any:
    return json.loads(value) if value.startswith("[") else value


def _reason(error: Any) -> str:
    return "there is no such setting." if error["type"] == "extra_forbidden" else f"{error['msg']}."

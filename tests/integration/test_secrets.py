"""Sealed secrets and where their root key comes from."""

import logging
from pathlib import Path

import boto3
import pytest
from pydantic import SecretBytes

from chalicelib.clients.root_key import read_root_keys
from chalicelib.clients.secrets import Secrets
from chalicelib.errors import Unavailable
from chalicelib.settings import InvalidSettings, Settings

OLD, NEW = SecretBytes(b"an old root key of enough characters"), SecretBytes(b"a new root key of enough characters")
CONTEXT = {"owner": "ada", "connection": "c1", "origin": "https://api.example"}


def test_what_is_sealed_opens_with_the_same_context() -> None:
    secrets = Secrets([NEW])
    assert secrets.open(secrets.seal(b"sk-1", CONTEXT), dict(reversed(CONTEXT.items()))) == b"sk-1"


@pytest.mark.parametrize(
    "other",
    [
        CONTEXT | {"owner": "bob"},
        CONTEXT | {"connection": "c2"},
        CONTEXT | {"origin": "https://evil.example"},
        CONTEXT | {"more": "x"},
        {"owner": "ada"},
    ],
)
def test_it_opens_with_no_other_context(other: dict[str, str]) -> None:
    secrets = Secrets([NEW])
    with pytest.raises(Unavailable):
        secrets.open(secrets.seal(b"sk-1", CONTEXT), other)


def test_no_byte_of_an_envelope_can_be_changed() -> None:
    secrets = Secrets([NEW])
    sealed = secrets.seal(b"sk-1", CONTEXT)
    for at in range(len(sealed)):
        with pytest.raises(Unavailable):
            secrets.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], CONTEXT)
    for length in range(len(sealed)):
        with pytest.raises(Unavailable):
            secrets.open(sealed[:length], CONTEXT)


def test_the_same_secret_is_never_sealed_the_same_twice() -> None:
    secrets = Secrets([NEW])
    assert secrets.seal(b"sk-1", CONTEXT) != secrets.seal(b"sk-1", CONTEXT)


def test_an_old_root_key_still_opens_and_is_told_to_be_old() -> None:
    sealed = Secrets([OLD]).seal(b"sk-1", CONTEXT)
    rotated = Secrets([NEW, OLD])
    assert rotated.open(sealed, CONTEXT) == b"sk-1"
    assert rotated.is_outdated(sealed)
    assert not rotated.is_outdated(rotated.seal(b"sk-1", CONTEXT))
    with pytest.raises(Unavailable):
        Secrets([NEW]).open(sealed, CONTEXT)


def test_each_purpose_has_a_key_of_its_own() -> None:
    secrets = Secrets([NEW])
    assert secrets.derive("access-tokens") == Secrets([NEW]).derive("access-tokens")
    assert len({secrets.derive("access-tokens"), secrets.derive("x"), Secrets([OLD]).derive("access-tokens")}) == 3
    assert len(secrets.derive("x")) == 32


def root_keys(**settings: str) -> list[bytes]:
    def client(service: str) -> object:
        return boto3.client(service, region_name="us-east-1")

    return [key.get_secret_value() for key in read_root_keys(Settings.model_validate(settings), client)]


def test_the_root_key_comes_from_the_setting_or_from_a_file(tmp_path: Path) -> None:
    text = "first root key, long enough to be one\nsecond root key, long enough to be one\n"
    (tmp_path / "key").write_text(text)
    expected = [b"first root key, long enough to be one", b"second root key, long enough to be one"]
    assert root_keys(root_key=text) == expected
    assert root_keys(root_key_file=str(tmp_path / "key")) == expected


def test_the_root_key_comes_from_a_parameter(aws: object) -> None:
    ssm = boto3.client("ssm", region_name="us-east-1")
    ssm.put_parameter(Name="/t/root", Value="k" * 40, Type="SecureString", Overwrite=True)
    assert root_keys(root_key_parameter="/t/root") == [b"k" * 40]


def test_kms_makes_the_root_key_once_and_opens_it_ever_after(aws: object) -> None:
    key_id = boto3.client("kms", region_name="us-east-1").create_key()["KeyMetadata"]["KeyId"]
    first = root_keys(kms_key_id=key_id, table_prefix="sealed")
    assert len(first[0]) == 32
    assert root_keys(kms_key_id=key_id, table_prefix="sealed") == first
    assert root_keys(kms_key_id=key_id, table_prefix="other") != first


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "Exactly one of TAVERN_ROOT_KEY"),
        ({"root_key": "k" * 40, "kms_key_id": "x"}, "but 2 are"),
        ({"root_key": "too short"}, "at least 32 characters"),
        ({"root_key": "k" * 40 + "\nshort"}, "at least 32 characters"),
        ({"root_key_file": "/nowhere/key"}, "cannot be read"),
    ],
)
def test_a_bad_root_key_stops_the_start_with_a_sentence(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidSettings, match=sentence):
        root_keys(**settings)


def test_nothing_secret_shows_in_logs_or_in_a_printed_object(caplog: pytest.LogCaptureFixture) -> None:
    secrets = Secrets([NEW])
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("x").debug(
            "%r %s %r", secrets, vars(secrets), Settings(root_key=NEW.get_secret_value().decode())
        )
    assert "new root key" not in caplog.text

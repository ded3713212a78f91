"""Where the deployment's root key comes from: exactly one of the settings names its source.

A root key is a text of at least 32 characters. Several lines are several keys: the first one is in use, the others
still open what they sealed. With KMS the key itself is made once by GenerateDataKey and its ciphertext kept as a
parameter; only KMS can open it.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from pydantic import SecretBytes

from chalicelib.clients.secrets import ROOT_KEY_BYTES_LEAST
from chalicelib.settings import InvalidSettings, Settings


def read_root_keys(settings: Settings, aws: Callable[[str], Any]) -> list[SecretBytes]:
    """The root keys, the current one first. `aws` makes a client by its service's name. Raises InvalidSettings."""
    sources = ("root_key", "root_key_file", "root_key_parameter", "kms_key_id")
    given = [name for name in sources if getattr(settings, name)]
    if len(given) != 1:
        names = ", ".join(f"TAVERN_{name.upper()}" for name in sources)
        raise InvalidSettings(f"Exactly one of {names} must be set, but {len(given)} are.")
    if settings.root_key:
        return _lines(settings.root_key.get_secret_value().encode(), "TAVERN_ROOT_KEY")
    if settings.root_key_file:
        return _lines(_file(settings.root_key_file), "TAVERN_ROOT_KEY_FILE")
    if settings.root_key_parameter:
        answer = aws("ssm").get_parameter(Name=settings.root_key_parameter, WithDecryption=True)
        return _lines(answer["Parameter"]["Value"].encode(), "TAVERN_ROOT_KEY_PARAMETER")
    return [_from_kms(settings, aws("kms"), aws("ssm"))]


def _lines(text: bytes, source: str) -> list[SecretBytes]:
    keys = [line.strip() for line in text.splitlines() if line.strip()]
    if not keys or min(map(len, keys)) < ROOT_KEY_BYTES_LEAST:
        raise InvalidSettings(f"{source}: a root key has at least {ROOT_KEY_BYTES_LEAST} characters.")
    return [SecretBytes(key) for key in keys]


def _file(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise InvalidSettings(f"TAVERN_ROOT_KEY_FILE: {path} cannot be read ({error.strerror}).") from None


def _from_kms(settings: Settings, kms: Any, ssm: Any) -> SecretBytes:
    context = {"purpose": "root-key", "deployment": settings.table_prefix}
    name = f"/{settings.table_prefix}/root-key"
    try:
        wrapped = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        made = kms.generate_data_key(KeyId=settings.kms_key_id, KeySpec="AES_256", EncryptionContext=context)
        # Where another process was faster, its key is the one.
        with suppress(ssm.exceptions.ParameterAlreadyExists):
            ssm.put_parameter(Name=name, Value=made["CiphertextBlob"].hex(), Type="String", Overwrite=False)
        wrapped = ssm.get_parameter(Name=name)["Parameter"]["Value"]
    opened = kms.decrypt(CiphertextBlob=bytes.fromhex(wrapped), EncryptionContext=context)
    return SecretBytes(opened["Plaintext"])

"""Sealing what must stay secret, and keys for signing: all of it hangs on the deployment's root key.

Every sealed value has a data key of its own, wrapped under its owner's branch of the root key. Both layers are
AES-256-GCM and carry the context (owner, connection, origin …) as associated data, so that a value copied to another
place does not open. An envelope names the root key it was made under: with several root keys the first one seals and
all of them open.

    version 1 | root key's name 8 | nonce 12 | wrapped data key 48 | nonce 12 | ciphertext and tag
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretBytes

from chalicelib.errors import Unavailable

ROOT_KEY_BYTES_LEAST = 32
_VERSION = b"\x01"
_NAME_BYTES = 8
_NONCE_BYTES = 12
_WRAPPED_BYTES = 32 + 16
_HEAD_BYTES = len(_VERSION) + _NAME_BYTES + _NONCE_BYTES + _WRAPPED_BYTES + _NONCE_BYTES


class Secrets:
    """Seals, opens and derives under one or several root keys, the current one first."""

    def __init__(self, root_keys: Sequence[SecretBytes]) -> None:
        self._roots = {_name(key.get_secret_value()): key for key in root_keys}
        self._current = next(iter(self._roots))

    def derive(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose, always the same under the current root key."""
        return _branch(self._roots[self._current].get_secret_value(), f"derive:{purpose}")

    def seal(self, plain: bytes, context: Mapping[str, str]) -> bytes:
        """An envelope that opens only with the same context. `context["owner"]` picks the owner's branch."""
        bound = _bound(context)
        data_key = AESGCM.generate_key(256)
        wrap_nonce, nonce = os.urandom(_NONCE_BYTES), os.urandom(_NONCE_BYTES)
        head = _VERSION + self._current
        wrapped = self._wrapping(self._current, context).encrypt(wrap_nonce, data_key, head + bound)
        return head + wrap_nonce + wrapped + nonce + AESGCM(data_key).encrypt(nonce, plain, head + bound)

    def open(self, sealed: bytes, context: Mapping[str, str]) -> bytes:
        """What was sealed. Raises Unavailable when the root key is gone, the context differs or a bit was changed."""
        if len(sealed) < _HEAD_BYTES or sealed[:1] != _VERSION or _root_name(sealed) not in self._roots:
            raise _unreadable()
        bound = _bound(context)
        head, rest = sealed[: 1 + _NAME_BYTES], sealed[1 + _NAME_BYTES :]
        wrap_nonce, rest = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        wrapped, rest = rest[:_WRAPPED_BYTES], rest[_WRAPPED_BYTES:]
        nonce, ciphertext = rest[:_NONCE_BYTES], rest[_NONCE_BYTES:]
        try:
            data_key = self._wrapping(_root_name(sealed), context).decrypt(wrap_nonce, wrapped, head + bound)
            return AESGCM(data_key).decrypt(nonce, ciphertext, head + bound)
        except InvalidTag:
            raise _unreadable() from None

    def is_outdated(self, sealed: bytes) -> bool:
        """Whether another root key than the current one sealed this: time to seal it again."""
        return _root_name(sealed) != self._current

    def _wrapping(self, root_name: bytes, context: Mapping[str, str]) -> AESGCM:
        return AESGCM(_branch(self._roots[root_name].get_secret_value(), f"owner:{context['owner']}"))


def _branch(root: bytes, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=b"tavernai-plus", info=purpose.encode()).derive(root)


def _name(root: bytes) -> bytes:
    return hashlib.sha256(b"name:" + _branch(root, "name")).digest()[:_NAME_BYTES]


def _root_name(sealed: bytes) -> bytes:
    return sealed[1 : 1 + _NAME_BYTES]


def _bound(context: Mapping[str, str]) -> bytes:
    return json.dumps(dict(context), sort_keys=True, separators=(",", ":")).encode()


def _unreadable() -> Unavailable:
    return Unavailable("A saved secret cannot be read with this deployment's key. Please enter it again.")

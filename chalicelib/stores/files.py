"""Files in S3: what is too large for an item, pictures, uploads, exports. Every key begins with its owner's id.

A file is never changed under its key, so that browsers may keep it for good. The addresses browsers get are signed by
hand (SigV4 in the query): a page of the library needs 200 of them, and botocore takes a millisecond each.
"""

import hashlib
import hmac
import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache, cached_property
from json import dumps
from typing import Any, BinaryIO
from urllib.parse import quote, urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import NotFound, Unavailable
from chalicelib.models.characters import Download
from chalicelib.models.media import Upload

CACHE_CONTROL = "private, max-age=31536000, immutable"
ADDRESS_HOURS = 48
"""An address is signed at midnight: it stays the same for a day and works for at least one more."""
DOWNLOAD_HOURS = 1
UPLOAD_HOURS = 1
_GONE = ("NoSuchKey", "404", "NotFound")
_BATCH = 1000
# Marks that turn the direction of writing around show "exe.jpg" where "gpj.exe" stands; halves of letters are no name.
_MISLEADING = re.compile("[\x00-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Files:
    """The bucket. `endpoint` is where we reach it, `public_endpoint` where browsers do; None means the real S3."""

    def __init__(
        self,
        *,
        bucket: str,
        region: str,
        endpoint: str | None,
        public_endpoint: str | None,
        now: Callable[[], datetime],
    ) -> None:
        self._bucket, self._region, self._now = bucket, region, now
        self._endpoint = endpoint
        self._kept_key: tuple[str, bytes] | None = None
        public = public_endpoint or endpoint
        self._place = f"{public.rstrip('/')}/{bucket}" if public else f"https://{bucket}.s3.{region}.amazonaws.com"

    def put(self, key: str, data: bytes, content_type: str, *, tag: str | None = None) -> None:
        """`tag` (`name=value`) is what rules of the bucket go by."""
        tagged = {"Tagging": tag} if tag else {}
        with _translated():
            self._s3.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentType=content_type, CacheControl=CACHE_CONTROL, **tagged
            )

    def put_file(self, key: str, file: BinaryIO, content_type: str) -> None:
        """Puts what may not fit into memory, from where the file stands."""
        with _translated():
            self._s3.upload_fileobj(file, self._bucket, key, ExtraArgs={"ContentType": content_type})

    def get(self, key: str) -> bytes:
        """Raises NotFound."""
        with _translated():
            data: bytes = self._s3.get_object(Bucket=self._bucket, Key=key)["Body"].read()
            return data

    def find_size(self, key: str) -> int | None:
        """Bytes of the file, None when there is none."""
        try:
            with _translated():
                return int(self._s3.head_object(Bucket=self._bucket, Key=key)["ContentLength"])
        except NotFound:
            return None

    def sizes(self, prefix: str) -> dict[str, int]:
        """Bytes of every file under a folder, by its key."""
        with _translated():
            return {
                item["Key"]: int(item["Size"]) for page in self._listing(prefix) for item in page.get("Contents", [])
            }

    def delete(self, key: str) -> None:
        with _translated():
            self._s3.delete_object(Bucket=self._bucket, Key=key)

    def delete_prefix(self, prefix: str) -> None:
        """Deletes every file under a folder; the prefix ends with a slash, or it would match neighbours."""
        if not prefix.endswith("/") or len(prefix) < 2:
            raise ValueError("A prefix names a folder: it ends with a slash.")
        self.delete_all([key for key, _ in self.list_under(prefix)])

    def list_under(self, prefix: str) -> list[tuple[str, datetime]]:
        """Keys that begin so, and when each was put; "" lists the whole bucket."""
        with _translated():
            pages = self._listing(prefix)
            return [(item["Key"], item["LastModified"]) for page in pages for item in page.get("Contents", [])]

    def delete_all(self, keys: Sequence[str]) -> None:
        """Quiet about those that are gone."""
        with _translated():
            for start in range(0, len(keys), _BATCH):
                batch = [{"Key": key} for key in keys[start : start + _BATCH]]
                self._s3.delete_objects(Bucket=self._bucket, Delete={"Objects": batch, "Quiet": True})

    def address(self, key: str) -> str:
        """Where a browser may read the file; the same the whole day, so that it is fetched once."""
        midnight = self._now().replace(hour=0, minute=0, second=0, microsecond=0)
        return self._signed(key, at=midnight, seconds=ADDRESS_HOURS * 3600, query={})

    def download(self, key: str, filename: str) -> Download:
        """An address that makes a browser save the file under this name, and shows what it ends with."""
        now, filename = self._now(), _MISLEADING.sub("", filename)
        disposition = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
        url = self._signed(
            key, at=now, seconds=DOWNLOAD_HOURS * 3600, query={"response-content-disposition": disposition}
        )
        return Download(url=url, filename=filename, expires_at=now + timedelta(hours=DOWNLOAD_HOURS))

    def presigned_post(self, upload_id: str, key: str, *, size: int, content_type: str) -> Upload:
        """A form that lets a browser put exactly this key, size and type."""
        now, expires_at = self._now(), self._now() + timedelta(hours=UPLOAD_HOURS)
        fields = {
            "key": key,
            "Content-Type": content_type,
            "x-amz-algorithm": "AWS4-HMAC-SHA256",
            "x-amz-credential": f"{self._credentials.access_key}/{self._scope(now)}",
            "x-amz-date": f"{now:%Y%m%dT%H%M%SZ}",
        }
        if self._credentials.token:
            fields["x-amz-security-token"] = self._credentials.token
        conditions: list[Any] = [{"bucket": self._bucket}, ["content-length-range", size, size]]
        policy = dumps(
            {
                "expiration": f"{expires_at:%Y-%m-%dT%H:%M:%SZ}",
                "conditions": conditions + [{name: value} for name, value in fields.items()],
            }
        )
        fields["policy"] = b64encode(policy.encode()).decode()
        fields["x-amz-signature"] = hmac.new(self._key(now), fields["policy"].encode(), hashlib.sha256).hexdigest()
        return Upload(id=upload_id, url=self._place, fields=fields, expires_at=expires_at)

    def _signed(self, key: str, *, at: datetime, seconds: int, query: dict[str, str]) -> str:
        """Source: Signature Version 4, "Authenticating requests: using query parameters"."""
        place = urlsplit(self._place)
        path = f"{place.path}/{quote(key, safe='/~')}"
        stamp, scope = f"{at:%Y%m%dT%H%M%SZ}", self._scope(at)
        asked = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self._credentials.access_key}/{scope}",
            "X-Amz-Date": stamp,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
            **query,
        }
        if self._credentials.token:
            asked["X-Amz-Security-Token"] = self._credentials.token
        line = "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(asked.items()))
        canonical = f"GET\n{path}\n{line}\nhost:{place.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        to_sign = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}"
        signature = hmac.new(self._key(at), to_sign.encode(), hashlib.sha256).hexdigest()
        return f"{place.scheme}://{place.netloc}{path}?{line}&X-Amz-Signature={signature}"

    def _scope(self, at: datetime) -> str:
        return f"{at:%Y%m%d}/{self._region}/s3/aws4_request"

    def _key(self, at: datetime) -> bytes:
        """The day's signing key; kept, since a page of the library needs it 200 times."""
        credentials = self._credentials
        named = f"{credentials.secret_key}/{at:%Y%m%d}"
        if self._kept_key is None or self._kept_key[0] != named:
            key: bytes = b"AWS4" + credentials.secret_key.encode()
            for part in (f"{at:%Y%m%d}", self._region, "s3", "aws4_request"):
                key = hmac.new(key, part.encode(), hashlib.sha256).digest()
            self._kept_key = (named, key)
        return self._kept_key[1]

    @property
    def _credentials(self) -> Any:
        """Fresh ones: those of a role change every few hours."""
        return self._source.get_frozen_credentials()

    @cached_property
    def _source(self) -> Any:
        found = boto3.Session().get_credentials()
        if found is None:
            raise Unavailable("The storage of files is not set up: it has no credentials.")
        return found

    @property
    def _s3(self) -> Any:
        return _client(self._region, self._endpoint)

    def _listing(self, prefix: str) -> Iterator[dict[str, Any]]:
        pages: Iterator[dict[str, Any]] = self._s3.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        return pages


@cache
def _client(region: str, endpoint: str | None) -> Any:
    """One for the process: making it reads a megabyte of the service's description."""
    config = Config(
        connect_timeout=2,
        read_timeout=15,
        retries={"mode": "standard", "max_attempts": 3},
        max_pool_connections=50,
        s3={"addressing_style": "path"} if endpoint else {},
    )
    return boto3.client("s3", region_name=region, endpoint_url=endpoint, config=config)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in _GONE:
            raise NotFound("This file is no longer there.") from None
        raise Unavailable("The storage of files does not answer. Try again in a moment.") from error
    except BotoCoreError as error:
        raise Unavailable("The storage of files does not answer. Try again in a moment.") from error

"""The bucket as a browser reaches it through the front: only what the product signed."""

from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from devcloud.supervisor import Cloud
from tests.support.cloud import aws_client

BUCKET = "tavern-media"
KEY = "ada/avatars/龍 & co.webp"
PICTURE = bytes(range(256)) * 40


@pytest.fixture(scope="module")
def outside(idle_cloud: Cloud) -> Any:
    """S3 as the product signs for it: with the address that browsers open."""
    aws_client(idle_cloud, "s3").put_object(Bucket=BUCKET, Key=KEY, Body=PICTURE, ContentType="image/webp")
    return aws_client(idle_cloud, "s3", endpoint=idle_cloud.url)


def signed(outside: Any, key: str = KEY, **more: Any) -> str:
    return str(outside.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": key, **more}))


def fetch(
    url: str, method: str = "GET", body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, Any, bytes]:
    try:
        with urlopen(Request(url, body, headers or {}, method=method), timeout=10) as answer:
            return answer.status, answer.headers, answer.read()
    except HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()


def form_of(post: dict[str, Any], content: bytes, **changed: str) -> tuple[bytes, dict[str, str]]:
    boundary = "----a-form"
    fields = {**post["fields"], **changed}
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields.items()]
    head = "".join(parts) + (
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="x.png"\r\n'
        "Content-Type: image/png\r\n\r\n"
    )
    body = head.encode() + content + f"\r\n--{boundary}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}


def test_a_signed_address_gives_the_object(outside: Any) -> None:
    status, headers, body = fetch(signed(outside))
    assert (status, body) == (200, PICTURE)
    assert headers["content-type"] == "image/webp"
    assert headers["access-control-allow-origin"] == "*"


def test_what_the_address_says_about_the_answer_counts(outside: Any) -> None:
    url = signed(
        outside, ResponseContentDisposition='attachment; filename="a b.png"', ResponseCacheControl="private, max-age=9"
    )
    _, headers, _ = fetch(url)
    assert headers["content-disposition"] == 'attachment; filename="a b.png"'
    assert headers["cache-control"] == "private, max-age=9"


def test_parts_and_unchanged_objects_are_answered_as_s3_does(outside: Any) -> None:
    status, headers, body = fetch(signed(outside), headers={"Range": "bytes=10-19"})
    assert (status, body) == (206, PICTURE[10:20])
    assert headers["content-range"] == f"bytes 10-19/{len(PICTURE)}"
    status, _, body = fetch(signed(outside), headers={"If-None-Match": headers["etag"]})
    assert (status, body) == (304, b"")


@pytest.mark.parametrize(
    "change",
    [
        lambda url: url.partition("?")[0],
        lambda url: url.replace("ada/", "eve/"),
        lambda url: url.replace("X-Amz-Expires=3600", "X-Amz-Expires=360000"),
        lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
        lambda url: url + "&response-content-type=text%2Fhtml",
        lambda url: url.partition("?")[0].rpartition("/")[0] + "?list-type=2",
        lambda url: url.partition("?")[0] + "?Signature=x&AWSAccessKeyId=test&Expires=9999999999",
    ],
)
def test_an_address_that_was_not_signed_like_this_is_refused(outside: Any, change: Any) -> None:
    status, _, body = fetch(change(signed(outside)))
    assert status == 403
    assert PICTURE not in body


def test_an_address_signed_with_a_known_key_is_refused(outside: Any, idle_cloud: Cloud) -> None:
    import boto3
    from botocore.config import Config

    known = boto3.client(
        "s3",
        endpoint_url=idle_cloud.url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    assert fetch(signed(known))[0] == 403


def test_an_old_address_is_refused(outside: Any) -> None:
    url = urlsplit(signed(outside))
    query = {name: values[0] for name, values in parse_qs(url.query).items()}
    query["X-Amz-Date"] = "20200101T000000Z"
    assert fetch(url._replace(query=urlencode(query)).geturl())[0] == 403


@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_an_address_for_reading_is_for_nothing_else(outside: Any, method: str) -> None:
    assert fetch(signed(outside), method=method, body=b"x")[0] == 403


def test_a_signed_form_uploads(outside: Any, idle_cloud: Cloud) -> None:
    post = outside.generate_presigned_post(
        BUCKET, "ada/uploads/1", Conditions=[["content-length-range", 1, 3_000_000]], ExpiresIn=60
    )
    assert post["url"].startswith(idle_cloud.url)
    # Larger than the part that is read for the fields.
    content = bytes(range(256)) * 8_000
    body, headers = form_of(post, content)
    status, answer_headers, _ = fetch(post["url"], "POST", body, {**headers, "Origin": "http://localhost:1"})
    assert status == 204
    assert answer_headers["access-control-allow-origin"] == "*"
    kept = aws_client(idle_cloud, "s3").get_object(Bucket=BUCKET, Key="ada/uploads/1")["Body"].read()
    assert kept == content


def test_a_form_for_another_key_or_a_larger_file_is_refused(outside: Any) -> None:
    post = outside.generate_presigned_post(BUCKET, "ada/uploads/2", Conditions=[["content-length-range", 1, 10]])
    body, headers = form_of(post, b"short", key="eve/uploads/2")
    assert fetch(post["url"], "POST", body, headers)[0] == 403
    body, headers = form_of(post, b"much too long")
    assert fetch(post["url"], "POST", body, headers)[0] in (400, 403)


def test_a_form_without_a_signature_is_refused(outside: Any) -> None:
    post = outside.generate_presigned_post(BUCKET, "ada/uploads/3")
    body, headers = form_of(post, b"x", **{"x-amz-signature": "0" * 64})
    assert fetch(post["url"], "POST", body, headers)[0] == 403
    body, headers = form_of({"fields": {"key": "ada/uploads/3"}}, b"x")
    assert fetch(post["url"], "POST", body, headers)[0] == 403


def test_a_browser_may_ask_before_it_uploads(outside: Any, idle_cloud: Cloud) -> None:
    asked = {"Origin": "http://localhost:1", "Access-Control-Request-Method": "POST"}
    status, headers, _ = fetch(f"{idle_cloud.url}/{BUCKET}", "OPTIONS", headers=asked)
    assert status == 204
    assert "POST" in headers["access-control-allow-methods"]


def test_a_page_in_the_browser_cannot_reach_the_emulated_aws_itself(idle_cloud: Cloud) -> None:
    url = f"{idle_cloud.places.aws_endpoint}/{BUCKET}/ada"
    assert fetch(url, headers={"Origin": "https://evil.example"})[0] == 403
    assert fetch(url, headers={"Sec-Fetch-Site": "cross-site"})[0] == 403


@pytest.mark.parametrize("kind", ["text/html", "image/svg+xml", "application/xhtml+xml", "text/xml"])
def test_what_could_run_on_the_pages_address_is_only_saved(outside: Any, idle_cloud: Cloud, kind: str) -> None:
    program = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    aws_client(idle_cloud, "s3").put_object(Bucket=BUCKET, Key="ada/uploads/page", Body=program, ContentType=kind)
    status, headers, _ = fetch(signed(outside, "ada/uploads/page"))
    assert status == 200
    assert headers["content-disposition"] == "attachment"
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]

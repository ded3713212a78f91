"""Pictures and files: bounds, sizes, colours, addresses."""

import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from PIL import Image

from chalicelib.errors import Invalid, NotFound, TooLarge, Unavailable
from chalicelib.services.pictures import encode
from chalicelib.stores.files import Files
from tests.support.pictures import picture
from tests.support.world import BUCKET, World


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_a_picture_is_kept_in_two_sizes():
    made = encode(picture(size=(2000, 3600)))
    assert (made.width, made.height) == (853, 1536)
    assert opened(made.full).size == (853, 1536)
    assert opened(made.thumb).size == (320, 480)


def test_a_small_picture_is_not_blown_up():
    made = encode(picture(size=(60, 60)))
    assert (opened(made.full).size, opened(made.thumb).size) == ((60, 60), (40, 60))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_each_kind_is_read(kind: str):
    assert encode(picture("#c03030", kind=kind)).accent


def test_what_is_transparent_stays_so():
    made = io.BytesIO()
    Image.new("RGBA", (50, 75), (200, 40, 40, 90)).save(made, "PNG")
    assert opened(encode(made.getvalue()).full).mode == "RGBA"


def test_metadata_goes_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "A camera"
    made = io.BytesIO()
    Image.new("RGB", (90, 60), "navy").save(made, "JPEG", exif=exif)
    full = opened(encode(made.getvalue()).full)
    assert (full.size, len(full.getexif()), b"A camera" in encode(made.getvalue()).full) == ((60, 90), 0, False)


def test_what_somebody_wrote_into_a_picture_goes():
    made = io.BytesIO()
    Image.new("RGB", (40, 60), "teal").save(made, "JPEG", comment=b"my street and number")
    encoded = encode(made.getvalue())
    assert b"my street" not in encoded.full + encoded.thumb


def test_of_an_animation_the_first_frame_is_kept():
    made = io.BytesIO()
    Image.new("RGB", (40, 60), "red").save(
        made, "WEBP", save_all=True, append_images=[Image.new("RGB", (40, 60), "blue")], lossless=True
    )
    full = opened(encode(made.getvalue()).full).convert("RGB")
    assert full.getpixel((20, 30))[0] > 200  # type: ignore[index]


@pytest.mark.parametrize(("colour", "accent"), [("#808080", None), ("#000000", None), ("#b4532a", "#b4532a")])
def test_the_accent_is_the_colour_that_tells(colour: str, accent: str | None):
    found = encode(picture(colour)).accent
    assert (found is None) == (accent is None)
    if found and accent:
        assert all(abs(int(found[i : i + 2], 16) - int(accent[i : i + 2], 16)) < 8 for i in (1, 3, 5))


def bomb() -> bytes:
    """8,000 × 8,000 dots in a few kilobytes."""
    made = io.BytesIO()
    Image.new("1", (8000, 8000)).save(made, "PNG")
    return made.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "svg"),
        (b"<?xml version='1.0'?><SVG/>", "svg"),
        (b"not a picture", "invalid_picture"),
        (b"", "invalid_picture"),
        (picture()[:60], "invalid_picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "invalid_picture"),
        (b"BM" + b"\0" * 80, "invalid_picture"),
        (bomb(), "too_large"),
        (b"\x89PNG" + b"\0" * 20_000_001, "too_large"),
    ],
)
def test_a_hostile_picture_gets_its_code(data: bytes, code: str):
    with pytest.raises((Invalid, TooLarge)) as caught:
        encode(data)
    assert caught.value.code == code


def test_a_picture_with_a_bomb_in_its_text_is_refused_or_harmless():
    import zlib

    from tests.unit.cards.builders import chunk

    data = picture()
    at = data.index(b"IDAT") - 4
    bombed = data[:at] + chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"A" * 80_000_000)) + data[at:]
    with pytest.raises(Invalid):
        encode(bombed)


# --- files


def test_an_address_is_the_one_botocore_would_sign(world: World):
    world.clock.advance(hours=-14)
    ours = world.container.files.address("ada/characters/1/a b+ü.webp")
    place = urlsplit(ours)
    asked = {name: values[0] for name, values in parse_qs(place.query).items()}
    request = AWSRequest("GET", f"{place.scheme}://{place.netloc}{place.path}")
    signer = S3SigV4QueryAuth(boto3.Session().get_credentials(), "s3", "us-east-1", expires=172_800)
    request.context["timestamp"] = asked["X-Amz-Date"]
    request.params = {name: asked[name] for name in ("X-Amz-Algorithm", "X-Amz-Credential")}
    request.params |= {name: asked[name] for name in ("X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders")}
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert asked["X-Amz-Signature"] == signature


def test_an_address_stays_the_same_for_a_day(world: World):
    first = world.container.files.address("ada/x.webp")
    world.clock.advance(hours=9)
    assert world.container.files.address("ada/x.webp") == first
    world.clock.advance(hours=2)
    assert world.container.files.address("ada/x.webp") != first


def test_browsers_get_the_address_they_can_reach(world: World):
    files = Files(
        bucket="media",
        region="us-east-1",
        endpoint="http://127.0.0.1:4566",
        public_endpoint="http://192.168.1.9:8787/",
        now=world.clock.now,
    )
    assert files.address("ada/x").startswith("http://192.168.1.9:8787/media/ada/x?")


def test_a_picture_may_be_kept_by_browsers_alone(world: World):
    stored = world.container.media.keep_picture("ada", "personas/1", picture())
    kept = boto3.client("s3", region_name="us-east-1").head_object(Bucket=BUCKET, Key=stored.thumb_key)
    assert (kept["CacheControl"], kept["ContentType"]) == ("private, max-age=31536000, immutable", "image/webp")
    assert stored.full_key.startswith("ada/personas/1/full-")
    assert world.container.limits.usage("ada").storage_bytes == stored.bytes
    world.container.media.drop_picture("ada", stored)
    assert (world.files(), world.container.limits.usage("ada").storage_bytes) == ([], 0)


def test_a_download_says_its_name(world: World):
    found = world.container.files.download("ada/x", "阿汶 1.png")
    assert "response-content-disposition=attachment" in found.url
    assert found.expires_at == world.clock.now() + timedelta(hours=1)


def test_a_form_takes_one_key_size_and_type(world: World):
    form = world.container.files.presigned_post("u1", "ada/uploads/u1", size=5, content_type="image/png")
    import base64
    import json

    policy = json.loads(base64.b64decode(form.fields["policy"]))
    assert ["content-length-range", 5, 5] in policy["conditions"]
    assert {"key": "ada/uploads/u1"} in policy["conditions"]
    assert {"Content-Type": "image/png"} in policy["conditions"]


def test_a_folder_is_deleted_without_its_neighbours(world: World):
    files = world.container.files
    for key in ("ada/a/1", "ada/a/2", "ada/ab/3"):
        files.put(key, b"x", "text/plain")
    files.delete_prefix("ada/a/")
    assert world.files() == ["ada/ab/3"]
    with pytest.raises(ValueError, match="folder"):
        files.delete_prefix("ada")


def test_a_file_that_is_gone_is_not_found(world: World):
    with pytest.raises(NotFound):
        world.container.files.get("ada/none")
    assert world.container.files.find_size("ada/none") is None


def test_a_bucket_that_does_not_answer_is_unavailable(world: World):
    files = Files(
        bucket=BUCKET,
        region="us-east-1",
        endpoint="http://127.0.0.1:1",
        public_endpoint=None,
        now=world.clock.now,
    )
    with pytest.raises(Unavailable):
        files.get("ada/x")

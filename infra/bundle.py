"""Makes the zip of `chalice package` small: leaves out what no function runs, and packs the rest tightly.

`python -m infra.bundle build/package/deployment.zip` rewrites it, and fails above 16 MB besides botocore, which every
client of AWS carries along and nobody can leave out.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

MOST_BYTES = 16_000_000

_LEFT_OUT = re.compile(
    "|".join(
        (
            # Sources of compiled modules, types, and lists that only installers read.
            r".*\.(pyi|pyx|pxd|h|css|hash)$",
            r"[^/]+\.dist-info/(RECORD|INSTALLER|REQUESTED|sboms/.*)$",
            r".*/tests?/.*",
            # Pillow reads and writes PNG, JPEG, WebP and GIF here: no AVIF, no fonts, no colour management.
            r"PIL/_(avif|imagingft|imagingcms|imagingtk|imagingmorph)\..*",
            r"pillow\.libs/lib(avif|freetype|harfbuzz|brotli|lcms2|png16).*",
            # aiohttp's WebSocket client has a Python twin, and nothing here opens one.
            r"aiohttp/_websocket/reader_c\..*\.so$",
            # tiktoken would fetch its tables with requests; ours travel along.
            r"(requests|charset_normalizer|certifi)(-[^/]*)?/.*",
            # Powertools' own router and the parts for other services.
            r"aws_lambda_powertools/event_handler/.*",
            r"aws_lambda_powertools/utilities/(auth_alpha|circuit_breaker|idempotency|kafka|data_masking|feature_flags"
            r"|streaming|validation)/.*",
            r"dateutil/zoneinfo/.*\.gz$",
            r"(pycparser|cffi)(-[^/]*)?/.*",
            r"urllib3/contrib/emscripten/.*",
            r"pydantic/(v1/.*|mypy\.py)$",
            r"boto3/(examples/.*|data/(ec2|cloudformation|cloudwatch|glacier|iam|opsworks|sns)/.*)$",
            # botocore describes 400 services; these are the ones that are called.
            r"botocore/data/(?!(dynamodb|s3|sqs|ssm|kms|ses|sesv2|sts|secretsmanager|apigatewaymanagementapi"
            r"|bedrock-runtime|sso|sso-oidc|signin)/)[^/]+/.*",
        )
    )
)


def main(path: Path) -> int:
    before = path.stat().st_size
    sizes = shrink(path)
    besides = sum(sizes.values()) - sizes["botocore"]
    print(f"{before / 1e6:.1f} MB became {path.stat().st_size / 1e6:.1f} MB, {besides / 1e6:.1f} MB besides botocore.")
    for name, size in sizes.most_common(12):
        print(f"  {size / 1e6:6.2f} MB  {name}")
    if besides > MOST_BYTES:
        print(f"That is above {MOST_BYTES / 1e6:.0f} MB.", file=sys.stderr)
        return 1
    return 0


def shrink(path: Path) -> Counter[str]:
    """Rewrites the zip in place; packed bytes of each package."""
    sizes: Counter[str] = Counter()
    small = path.with_suffix(".small")
    with ZipFile(path) as bundle, ZipFile(small, "w", ZIP_DEFLATED, compresslevel=9) as target:
        for entry in sorted(bundle.infolist(), key=lambda entry: entry.filename):
            if _LEFT_OUT.match(entry.filename):
                continue
            content = bundle.read(entry)
            if ".so" in Path(entry.filename).suffixes:
                content = _stripped(content)
            elif entry.filename.endswith(".dist-info/METADATA"):
                # Name and version stay for those who ask; the long description goes.
                content = content.partition(b"\n\n")[0] + b"\n"
            # One moment for all: the same sources make the same bytes.
            made = ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0))
            made.external_attr, made.compress_type = entry.external_attr, ZIP_DEFLATED
            target.writestr(made, content, compresslevel=9)
            sizes[entry.filename.partition("/")[0]] += target.getinfo(entry.filename).compress_size
    small.replace(path)
    return sizes


def _stripped(library: bytes) -> bytes:
    """A shared object without the symbols that only debuggers read; unchanged where there is no `strip`."""
    program = shutil.which("strip")
    if program is None:
        return library
    with tempfile.NamedTemporaryFile(suffix=".so") as file:
        file.write(library)
        file.flush()
        done = subprocess.run(  # noqa: S603 - our own file
            [program, "--strip-unneeded", file.name], check=False, capture_output=True
        )
        return Path(file.name).read_bytes() if done.returncode == 0 else library


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""The rules of the house that no linter knows."""

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAVY = (
    "boto3",
    "botocore",
    "pynamodb",
    "redis",
    "aiohttp",
    "jwt",
    "argon2",
    "cryptography",
    "PIL",
    "tiktoken",
    "yaml",
)
LINES_MOST = 400
DRAWERS = {"utils", "util", "helpers", "helper", "common", "base", "manager", "misc", "data", "info"}


def modules() -> Iterator[Path]:
    for folder in ("chalicelib", "devcloud", "cli"):
        yield from sorted((ROOT / folder).rglob("*.py"))
    yield ROOT / "app.py"


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_a_module_opens_with_what_it_is_for() -> None:
    assert [named(p) for p in modules() if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))] == []


def test_an_init_holds_one_docstring_and_nothing_else() -> None:
    full = [named(p) for p in modules() if p.name == "__init__.py" and len(ast.parse(p.read_text()).body) != 1]
    assert full == []


def test_a_module_is_one_idea() -> None:
    lines = {named(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {name: count for name, count in lines.items() if count > LINES_MOST} == {}


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [named(p) for p in modules() if p.stem in DRAWERS] == []


def test_opening_the_app_loads_nothing_heavy() -> None:
    asks = f"import sys, app; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_only_the_settings_read_the_environment() -> None:
    readers = [
        named(path)
        for path in modules()
        if named(path).startswith("chalicelib/")
        and any(
            isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv")
            for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert readers == ["chalicelib/settings.py"]


def test_only_doors_ask_for_the_container() -> None:
    askers = [
        named(path)
        for path in modules()
        if named(path).startswith("chalicelib/")
        and "entrypoints" not in path.parts
        and any(
            isinstance(node, ast.ImportFrom) and node.module == "chalicelib.container"
            for node in ast.walk(ast.parse(path.read_text()))
        )
    ]
    assert askers == []


def test_only_doors_catch_everything() -> None:
    catchers = {
        named(path)
        for path in modules()
        if named(path).startswith("chalicelib/")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
        and not (isinstance(node.body[-1], ast.Raise) and node.body[-1].exc is None)
    }
    assert {path for path in catchers if not path.startswith("chalicelib/entrypoints/")} == set()


def test_the_container_says_what_each_part_is_and_imports_it_inside() -> None:
    from chalicelib.container import Container

    rows = [row for row in Container.__mro__ if row.__module__.startswith("chalicelib.")]
    parts = {name: part for row in rows for name, part in vars(row).items() if isinstance(part, cached_property)}
    assert len(parts) > 20
    assert [name for name, part in parts.items() if "return" not in part.func.__annotations__] == []
    assert {module for row in rows for module in _imported_outside(row.__module__)} <= {
        "chalicelib.settings",
        *(row.__module__ for row in rows),
    }


def test_a_part_has_one_place() -> None:
    from chalicelib.container import Container

    names = [name for row in Container.__mro__ for name, part in vars(row).items() if isinstance(part, cached_property)]
    assert sorted(names) == sorted(set(names))


def _imported_outside(module: str) -> list[str]:
    """What of ours a module imports as it is loaded."""
    tree = ast.parse((ROOT / f"{module.replace('.', '/')}.py").read_text())
    froms = [node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)]
    return [name for name in froms if name.startswith("chalicelib")]


def test_every_area_of_rest_is_open() -> None:
    from chalicelib.entrypoints.rest.doors import AREAS

    frame = {"__init__", "door", "doors", "reading", "routing"}
    files = {path.stem for path in (ROOT / "chalicelib/entrypoints/rest").glob("*.py")} - frame
    opened = {handler.__module__.rpartition(".")[2] for area in AREAS for handler in (d.handler for d in area.doors)}
    assert opened == files


def test_every_door_has_a_name_of_its_own() -> None:
    from chalicelib.entrypoints.rest.doors import all_doors

    names = [door.name for door in all_doors()]
    assert sorted(names) == sorted(set(names))


def test_generated_files_are_fresh() -> None:
    from cli.contracts import generated

    assert [path for path, text in generated().items() if (ROOT / path).read_text(encoding="utf-8") != text] == []


def test_no_file_of_words_says_a_key_twice() -> None:
    """JSON's last one wins in silence, and the first use of the key shows the wrong words."""
    twice: list[str] = []

    def noted(pairs: list[tuple[str, object]]) -> dict[str, object]:
        names = [name for name, _ in pairs]
        twice.extend(name for name in dict.fromkeys(names) if names.count(name) > 1)
        return dict(pairs)

    for path in (ROOT / "web/src").glob("**/locales/*.json"):
        json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=noted)
    assert twice == []

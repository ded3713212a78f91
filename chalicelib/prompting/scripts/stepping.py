"""The second engine: JavaScript's own regular expressions, in QuickJS inside WebAssembly.

It reaches nothing outside of its memory, and every step costs fuel: a pattern that runs out of it is stopped where it
is, and the machine it ran in is thrown away. Compiling QuickJS takes a second of work, once a process, when the first
pattern needs it; a machine then is there in 10 ms.
"""

import hashlib
import json
from dataclasses import dataclass
from importlib.resources import files
from threading import Lock
from typing import Any, cast
from weakref import finalize

import wasmtime

from chalicelib.errors import Invalid, Unavailable
from chalicelib.prompting.scripts.javascript import Source
from chalicelib.prompting.scripts.patterns import Match

FUEL_MOST = 5_000_000_000
"""About 0.2 s of work."""
MEMORY_BYTES_MOST = 64 << 20
TEXT_CHARACTERS_MOST = 1_000_000
_CHECKSUM = "d4c9375f2b1ca4dc95f72c8aa2982a7a9951ac8011490d79c6582df732b4bbd9"
_RUN = """
globalThis.run = (pattern, flags, text, wanted) => {
  const regex = new RegExp(pattern, flags);
  if (wanted === 'names') {
    const empty = new RegExp(`${pattern}|`, flags.replace('y', '')).exec('');
    const names = new Array(empty.length - 1).fill('');
    const marks = pattern.replace(/\\\\[\\s\\S]|\\[(?:\\\\[\\s\\S]|[^\\]\\\\])*\\]/g, '');
    let number = 0;
    for (const found of marks.matchAll(/\\((?!\\?)|\\(\\?<([^=!>][^>]*)>/g)) names[number++] = found[1] ?? '';
    return JSON.stringify(names);
  }
  if (wanted === 'found') return JSON.stringify(regex.test(text));
  const all = flags.includes('g') ? text.matchAll(regex) : [regex.exec(text)].filter((one) => one);
  const out = [];
  for (const one of all) out.push([one.index, Array.from(one, (group) => group ?? null)]);
  return JSON.stringify(out);
};
0
"""


class QuickJs:
    """Runs patterns one after the other; usable from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._held = _Held()
        # At the end of the process WebAssembly's things want to go before their library does.
        finalize(self, self._held.let_go)
        self._names: dict[Source, tuple[str, ...]] = {}

    def check(self, source: Source) -> tuple[str, ...]:
        names = self._names.get(source)
        if names is None:
            names = tuple(cast(list[str], self._run(source, "", "names")))
            if len(self._names) > 2_000:
                self._names.clear()
            self._names[source] = names
        return names

    def found(self, source: Source, text: str) -> bool:
        return bool(self._run(source, text, "found"))

    def matches(self, source: Source, text: str) -> list[Match]:
        names = self.check(source)
        places = _Places(text)
        found: list[Match] = []
        for index, groups in self._run(source, text, "matches"):
            end = index + len(groups[0])
            joined = tuple(None if group is None else _joined(group) for group in groups)
            found.append(Match(places.character(index), places.character(end), joined, names))
        return found

    def _run(self, source: Source, text: str, wanted: str) -> Any:
        if len(text) > TEXT_CHARACTERS_MOST:
            raise Invalid(f"The text is too long for the pattern {_short(source)}.", code="pattern_refused")
        arguments = ",".join(json.dumps(one) for one in (source.pattern, source.flags, text, wanted))
        with self._lock:
            machine, self._held.machine = self._held.machine or self._started(), None
            try:
                said = machine.evaluate(f"run({arguments})")
            except (wasmtime.Trap, wasmtime.WasmtimeError):
                raise Invalid(
                    f"The pattern {_short(source)} takes too long on this text. Make it simpler: repeats in repeats, "
                    "such as (a+)+, are the usual cause.",
                    code="pattern_refused",
                ) from None
            self._held.machine = machine
        if said is None:
            raise Invalid(f"The pattern {_short(source)} is not a regular expression.", code="pattern_refused")
        return json.loads(said)

    def _started(self) -> "_Machine":
        held = self._held
        if held.engine is None or held.module is None:
            config = wasmtime.Config()
            config.consume_fuel = True
            held.engine = wasmtime.Engine(config)
            held.module = wasmtime.Module(held.engine, _code())
        return _Machine(held.engine, held.module)


@dataclass(slots=True)
class _Held:
    engine: wasmtime.Engine | None = None
    module: wasmtime.Module | None = None
    machine: "_Machine | None" = None

    def let_go(self) -> None:
        self.machine = self.module = self.engine = None


class _Machine:
    """One QuickJS with its memory."""

    def __init__(self, engine: wasmtime.Engine, module: wasmtime.Module) -> None:
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=MEMORY_BYTES_MOST)
        self._store.set_fuel(FUEL_MOST)
        # What it would ask of a world outside is answered with nothing.
        types = [cast(wasmtime.FuncType, one.type) for one in module.imports]
        imports = [wasmtime.Func(self._store, type_, _answer(type_)) for type_ in types]
        self._exports = wasmtime.Instance(self._store, module, imports).exports(self._store)
        self._memory = cast(wasmtime.Memory, self._exports["memory"])
        self._call("_initialize")
        self._call("qjs_init")
        self.evaluate(_RUN)

    def evaluate(self, code: str) -> str | None:
        """What the code yields, as text; None when it throws. Raises Trap when the fuel runs out."""
        self._store.set_fuel(FUEL_MOST)
        data = code.encode()
        place, name = self._put(data), self._put(b"pattern")
        value = self._call("qjs_eval", place, len(data), name, 0)
        self._call("wasm_free", place)
        self._call("wasm_free", name)
        said = None
        if self._call("qjs_is_exception", value):
            self._call("qjs_free_value", self._call("qjs_get_exception"))
        else:
            text = self._call("qjs_get_string", value)
            length = self._call("strlen", text)
            said = bytes(self._memory.read(self._store, text, text + length)).decode("utf-8", "surrogatepass")
            self._call("qjs_free_cstring", text)
        self._call("qjs_free_value", value)
        return said

    def _put(self, data: bytes) -> int:
        place = self._call("wasm_malloc", len(data) + 1)
        self._memory.write(self._store, data + b"\0", place)
        return place

    def _call(self, name: str, *arguments: int) -> int:
        return cast(int, cast(wasmtime.Func, self._exports[name])(self._store, *arguments))


class _Places:
    """From places in UTF-16, as JavaScript counts, to characters."""

    def __init__(self, text: str) -> None:
        self._plain = text.isascii() or all(ord(letter) < 0x10000 for letter in text)
        self._characters: list[int] = []
        if not self._plain:
            for place, letter in enumerate(text):
                self._characters += [place] * (2 if ord(letter) > 0xFFFF else 1)
            self._characters.append(len(text))

    def character(self, unit: int) -> int:
        return unit if self._plain else self._characters[unit]


def _joined(group: str) -> str:
    """Halves of one letter put together; one alone becomes the sign for what cannot be read."""
    if any("\ud800" <= letter <= "\udfff" for letter in group):
        return group.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return group


def _answer(type_: Any) -> Any:
    return (lambda *arguments: 0) if type_.results else (lambda *arguments: None)


def _code() -> bytes:
    """Raises Unavailable when the file that travels with us is damaged."""
    code = files("chalicelib.prompting.scripts.quickjs").joinpath("quickjs.wasm").read_bytes()
    if hashlib.sha256(code).hexdigest() != _CHECKSUM:
        raise Unavailable("The engine for regular expressions is damaged. Install the program again.")
    return code


def _short(source: Source) -> str:
    return str(source) if len(str(source)) <= 80 else f"{str(source)[:77]}…"

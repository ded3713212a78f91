"""What the models' source says of their fields: the string below a field is its meaning."""

import ast
import inspect
import textwrap
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


def model_comment(model: type[BaseModel]) -> str:
    """The first paragraph of a model's own docstring, on one line; empty when it has none."""
    return _one_line((model.__dict__.get("__doc__") or "").strip().partition("\n\n")[0])


@cache
def field_comments(model: type[BaseModel]) -> dict[str, str]:
    """Meanings by field, inherited ones included."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        if issubclass(kind, BaseModel) and kind.__module__.startswith("chalicelib."):
            found |= _own(kind)
    return found


def _own(model: type[BaseModel]) -> dict[str, str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(model)))
    except (OSError, TypeError):
        return {}  # a generic model's parametrised class has no source
    body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
    found = {}
    for field, below in pairwise(body):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str() as text)):
                found[name] = _one_line(text)
    return found


def _one_line(text: str) -> str:
    return " ".join(text.split())

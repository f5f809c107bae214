"""Reads `drawbridge.toml`, and says what is wrong in it by file, line, key and mend."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from state.settings.errors import SettingsError
from state.settings.lines import line_of
from state.settings.model import Settings
from state.settings.source import tables, text_of
from state.settings.vouched import digest_of
from state.text import printable

#: What pydantic calls it, in the words of whoever mends the file.
_MENDS: Mapping[str, str] = {
    "string_type": "write a text in quotes",
    "bool_type": "write true or false, without quotes",
    "int_type": "write a whole number, without quotes",
    "float_type": "write a number, without quotes",
    "tuple_type": 'write a list, such as ["one", "two"]',
    "dict_type": 'write a table, such as { NAME = "value" }',
    "model_type": "make it a table with keys of its own",
}


def load(path: Path) -> Settings:
    """The settings of this file; raises SettingsError with one line for each mistake."""
    text = text_of(path)
    body = tables(path, text)
    whole = path.absolute()
    context = {"base": whole.parent, "path": whole, "digest": digest_of(whole, text)}
    try:
        return Settings.model_validate(body, context=context)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=True, include_input=False)
        lines = dict.fromkeys(_sentence(path, text, detail) for detail in found)
        raise SettingsError("\n".join(lines)) from None


def mistake(table: str, key: str, value: Any, base: Path) -> str | None:
    """What is wrong with one value before any file has it, as a mend; `base` is where that file will lie."""
    field = (Settings if not table else _table(Settings, table)).model_fields[key]
    kind: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    try:
        kind.validate_python(value, context={"base": base})
    except ValidationError as error:
        return _mend(error.errors(include_url=False, include_context=True, include_input=False)[0])
    return None


def _sentence(path: Path, text: str, detail: ErrorDetails) -> str:
    key = tuple(str(part) for part in detail["loc"] if not isinstance(part, int) and part != "[key]")
    missing = detail["type"] == "missing"
    line = line_of(text, key[:-1] if missing else key)
    where = f"{path}, line {line}" if line else str(path)
    name = printable(".".join(key))[:200]
    if missing:
        return f"{where}: {name} is missing: add it."
    if detail["type"] == "extra_forbidden":
        return f"{where}: {name} is not a known key: {_unknown(key)}"
    about = f"{name}: " if name else ""
    return f"{where}: {about}{_mend(detail)}."


def _mend(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _MENDS:
        return _MENDS[kind]
    if kind == "string_pattern_mismatch":
        return "write 1 to 40 letters, digits, dots, underscores and hyphens"
    if kind == "literal_error":
        return f"write one of {context['expected']}"
    if kind == "value_error":
        return str(context["error"])
    return printable(detail["msg"])[:200].removesuffix(".")


def _unknown(key: Sequence[str]) -> str:
    known = _keys_beside(key)
    if tuple(key[:-1]) == ("steps",):
        return f"only {', '.join(known)} can have a command here."
    near = get_close_matches(key[-1], known, n=1)
    return f"did you mean {near[0]}?" if near else f"known here are {', '.join(known)}."


def _keys_beside(key: Sequence[str]) -> list[str]:
    model: type[BaseModel] = Settings
    for part in key[:-1]:
        model = _table(model, part)
    return [field.alias or name for name, field in model.model_fields.items()]


def _table(model: type[BaseModel], key: str) -> type[BaseModel]:
    field: Any = next(field for name, field in model.model_fields.items() if key in (name, field.alias))
    kinds = getattr(field.annotation, "__args__", (field.annotation,))
    return next(kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel))

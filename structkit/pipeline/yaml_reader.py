"""Reading YAML with the line of every key and every value, within fixed limits of size and depth.

Nodes are built from the parser's events, without recursion and without tags, so a hostile file
costs milliseconds. Scalars follow YAML 1.2: `1e-3` is a number, `NO` is a string.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from structkit.errors import Problem, SpecError, quoted
from structkit.pipeline.yaml_words import syntax_problem

MAX_BYTES, MAX_LINES, MAX_DEPTH, MAX_NODES = 1_000_000, 5_000, 32, 20_000
NO_PIPELINE = (
    "name a YAML file; structures in a folder are read by its source `files`, and "
    "`structkit recognise FOLDER` needs no pipeline"
)
MAX_LINE = 10_000  # characters: the parser takes seconds over a longer one
MAX_BRACKETS = 5_000  # flow collections are counted before the (slow) parser sees them


@dataclass(eq=False)
class Node:
    """A value and its place. `value` is a plain scalar, a list of nodes, or a dict of nodes."""

    value: Any
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)
    size: int = 1

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def line_of(self, path: tuple[str | int, ...]) -> int:
        """The line of the value at a path; of the nearest parent where the path ends early."""
        node, line = self, self.line
        for step in path:
            if isinstance(node.value, dict) and step in node.value:
                line = node.key_lines[str(step)]
                node = node.value[step]
            elif isinstance(node.value, list) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.line
            else:
                break
        return line


def read_document(path: Path) -> tuple[str, Node]:
    """Read a YAML file: its text, and its root node.

    Raises:
        SpecError: the file cannot be read (Y001), is not UTF-8 (Y002), is not YAML or not a mapping
            (Y003), repeats a key (Y004), uses a tag, an anchor or an alias (Y005), or exceeds the
            limits (Y007).
    """
    text = _read_text(path)
    return text, parse(text, path.name if path.parent == Path() else str(path))


def _read_text(path: Path) -> str:
    try:
        if not path.is_file():
            kind = "is not a regular file" if path.exists() else "does not exist"
            fix = NO_PIPELINE if path.is_dir() else ""
            raise SpecError(Problem("Y001", f"pipeline file {kind}", str(path), fix))
        if (size := path.stat().st_size) > MAX_BYTES:
            raise SpecError(
                Problem("Y007", f"file has {size} bytes (limit {MAX_BYTES})", str(path))
            )
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SpecError(
            Problem("Y001", f"cannot read the pipeline file: {error.strerror}", str(path))
        ) from error
    except UnicodeDecodeError as error:
        message = f"not UTF-8 text (byte {error.start})"
        raise SpecError(Problem("Y002", message, str(path), "save the file as UTF-8")) from error


def parse(text: str, name: str) -> Node:
    """Parse YAML text; `name` is what error messages call the file."""
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    _check_size(text, name)
    try:
        root = _Composer(name).compose(text)
    except MarkedYAMLError as error:
        raise SpecError(syntax_problem(error, text, name)) from error
    except (YAMLError, ValueError) as error:
        raise SpecError(
            Problem("Y003", f"not valid YAML: {str(error).splitlines()[0]}", name)
        ) from error
    if root is None or not isinstance(root.value, dict):
        raise SpecError(
            Problem(
                "Y003", "a pipeline file is a mapping; this one is not", f"{name}:1", NO_PIPELINE
            )
        )
    return root


def _check_size(text: str, name: str) -> None:
    """Cheap limits first: the parser is slow, these are not."""
    lines, brackets = text.count("\n"), text.count("[") + text.count("{")
    if lines > MAX_LINES:
        raise SpecError(Problem("Y007", f"file has {lines} lines (limit {MAX_LINES})", name))
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_LINE:
            message = f"line has {len(line)} characters (limit {MAX_LINE})"
            raise SpecError(Problem("Y007", message, f"{name}:{number}", "break it into several"))
    if brackets > MAX_BRACKETS and _max_nesting(text) > MAX_DEPTH:
        raise SpecError(Problem("Y007", f"nested deeper than {MAX_DEPTH} levels", name))
    if brackets > MAX_BRACKETS:
        raise SpecError(
            Problem("Y007", f"file has {brackets} brackets (limit {MAX_BRACKETS})", name)
        )


def _max_nesting(text: str) -> int:
    depth = deepest = 0
    for character in text:
        depth += (character in "[{") - (character in "]}")
        deepest = max(deepest, depth)
    return deepest


class _Composer:
    """Builds nodes from parser events with an explicit stack."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self.stack: list[
            tuple[Node, str | None]
        ] = []  # an open collection, and the key waiting for a value
        self.root: Node | None = None

    def compose(self, text: str) -> Node | None:
        for event in self._events(text):
            kind = type(event).__name__
            if kind == "AliasEvent":
                self._refuse_reference("alias", f"*{event.anchor}", event)
            elif kind == "ScalarEvent":
                self._start(Node(self._scalar(event), event.start_mark.line + 1), event)
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                node = Node({} if kind.startswith("M") else [], event.start_mark.line + 1)
                self._start(node, event)
                self.stack.append((node, None))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self._end()
            elif kind == "DocumentStartEvent" and self.root is not None:
                self._refuse("Y003", "several YAML documents in one file", event, "keep one")
        return self.root

    def _events(self, text: str) -> Iterator[Any]:
        from ruamel.yaml import YAML

        yaml = YAML(typ="safe", pure=True)  # the round-trip reader fails on some comments
        self.resolver = yaml.resolver
        return iter(yaml.parse(io.StringIO(text)))

    def _scalar(self, event: Any) -> Any:
        """A scalar by the YAML 1.2 rules."""
        from ruamel.yaml.nodes import ScalarNode

        if "\0" in event.value or any("\ud800" <= c <= "\udfff" for c in event.value):
            self._refuse("Y003", "a character that no name or path can hold", event, "remove it")
        tag = str(self.resolver.resolve(ScalarNode, event.value, event.implicit)).rpartition(":")[2]
        if tag == "null":
            return None
        if tag == "bool":
            return event.value.lower() == "true"
        if "_" in event.value:
            return event.value  # 1_000 is a word in YAML 1.2; ruamel would read a number
        if tag == "int":
            return self._integer(event)
        if tag == "float":
            return _float(event.value)
        return event.value

    def _integer(self, event: Any) -> int | str:
        """A whole number; what only other versions of YAML read as one is a word."""
        text = event.value
        try:
            return int(text, 0 if text[:2].lower() in ("0x", "0o") else 10)
        except ValueError:
            if len(text) > 100:
                self._refuse("Y007", f"a number of {len(text)} digits", event)
            return str(text)

    def _start(self, node: Node, event: Any) -> None:
        if event.tag and str(event.tag) != "!":
            self._refuse(
                "Y005",
                f"tag {quoted(str(event.tag))} is not allowed",
                event,
                "write plain values only",
            )
        if len(self.stack) >= MAX_DEPTH:
            self._refuse("Y007", f"nested deeper than {MAX_DEPTH} levels", event)
        if event.anchor:
            self._refuse_reference("anchor", f"&{event.anchor}", event)
        self._place(node, event)

    def _refuse_reference(self, kind: str, word: str, event: Any) -> None:
        """What is shared by anchors is not seen where it stands, and could grow without bounds."""
        message = f"{kind} {quoted(word)} is not allowed"
        self._refuse("Y005", message, event, "write the words out where they are meant")

    def _place(self, node: Node, event: Any) -> None:
        """Put a finished or just opened node into the collection that is open."""
        self.count += node.size
        if self.count > MAX_NODES:
            self._refuse("Y007", f"more than {MAX_NODES} values", event)
        if not self.stack:
            self.root = node
            return
        parent, key = self.stack[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif key is None:
            self.stack[-1] = (parent, self._key(parent, node, event))
        else:
            parent.value[key] = node
            self.stack[-1] = (parent, None)

    def _key(self, parent: Node, node: Node, event: Any) -> str:
        key = node.value
        if isinstance(key, dict | list) or key is None:
            self._refuse("Y003", "a key must be a plain word", event)
        key = str(key)
        line = event.start_mark.line + 1
        if key in parent.key_lines:
            first = parent.key_lines[key]
            self._refuse("Y004", f"'{key}' twice (lines {first}, {line})", event, "remove one")
        parent.key_lines[key] = line
        return key

    def _end(self) -> None:
        node, _ = self.stack.pop()
        children = node.value.values() if isinstance(node.value, dict) else node.value
        node.size = 1 + sum(child.size for child in children)

    def _refuse(self, code: str, message: str, event: Any, fix: str = "") -> None:
        raise SpecError(Problem(code, message, f"{self.name}:{event.start_mark.line + 1}", fix))


def _float(text: str) -> float:
    plain = text.replace("_", "").lower()
    return float(plain.replace(".inf", "inf").replace(".nan", "nan"))

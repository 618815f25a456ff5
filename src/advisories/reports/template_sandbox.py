"""The sandbox in which templates run: jinja2's, where a template reads data and calls nothing but what is listed here.

It takes steps, seconds and characters of a budget, so that no template runs for long or makes more text than a budget
has. Nothing is worked out when a template is compiled. Of objects a template reads members of the report, and what
jinja2 offers within a loop. Any other attribute is refused.
"""

import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from typing import Any, Final

from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateAssertionError
from jinja2.filters import FILTERS
from jinja2.runtime import LoopContext, Macro, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS
from jinja2.utils import Namespace, pass_context
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from advisories.reports.markdown_text import text as markdown

__all__ = ["Budget", "Exceeded", "Sandbox"]


class Exceeded(Exception):
    """What of the budget a template has used up."""


class Budget:
    """What one rendering may use.

    :ivar steps: turns of loops, calls, and members of what a filter is applied to.
    :ivar seconds: of time.
    :ivar characters: of the output, and of any text on the way to it.
    """

    def __init__(self, steps: int = 5_000_000, seconds: float = 30, characters: int = 1 << 26) -> None:
        self.steps, self.seconds, self.characters = steps, seconds, characters
        self._left = steps
        self._end = float("inf")

    def start(self) -> None:
        """Begin a rendering."""
        self._left, self._end = self.steps, time.monotonic() + self.seconds

    def step(self, count: int = 1) -> None:
        """Take steps of it."""
        self._left -= count
        if self._left < 0:
            raise Exceeded(f"more than {self.steps:,} steps of loops, calls and filters")
        if time.monotonic() > self._end:
            raise Exceeded(f"more than {self.seconds:g} seconds")

    def length(self, count: int) -> None:
        """Check the length of a text or a list before it is made."""
        if count > self.characters:
            raise Exceeded(f"more than {self.characters:,} characters")

    def counted(self, things: Iterable[Any]) -> Iterator[Any]:
        """The things, a step each."""
        for thing in things:
            self.step()
            yield thing


# Filters whose work and result are in proportion to what they are applied to.
_FILTERS: Final = (
    *(
        "abs",
        "count",
        "d",
        "default",
        "dictsort",
        "first",
        "float",
        "groupby",
        "int",
        "items",
        "last",
        "length",
        "list",
    ),
    *("map", "max", "min", "reject", "rejectattr", "reverse", "round", "select", "selectattr", "sort", "unique"),
)
# The same of texts.
_OF_TEXTS: Final = (
    *("capitalize", "e", "escape", "lower", "string", "title", "trim", "truncate", "upper", "urlencode", "wordcount"),
)
# `filter` and `test` would show what else there is. `callable` and `sameas` are about objects.
_TESTS: Final = frozenset(TESTS) - {"filter", "test", "callable", "sameas"}
_OF_LOOPS: Final = frozenset(
    {
        *("index", "index0", "revindex", "revindex0", "first", "last", "length", "depth", "depth0"),
        *("previtem", "nextitem", "cycle", "changed"),
    }
)
_OF_GROUPS: Final = frozenset({"grouper", "list"})
# A whole number may have so many bits.
_BITS: Final = 4096


class Sandbox(ImmutableSandboxedEnvironment):
    """An environment for one template."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})

    def __init__(self, budget: Budget, *, autoescape: bool) -> None:
        super().__init__(
            undefined=StrictUndefined,
            autoescape=autoescape,
            optimized=False,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=_shown,
        )
        self.budget: Final = budget
        theirs: Mapping[str, Callable[..., Any]] = FILTERS
        own: Mapping[str, Callable[..., Any]] = {"join": self._join, "sum": self._sum, "tojson": self._tojson}
        of_texts: Mapping[str, Callable[..., Any]] = {"replace": self._replace, "markdown": _markdown}
        self.filters = {
            **{name: self._limited(theirs[name]) for name in _FILTERS},
            **{name: self._limited(filter) for name, filter in own.items()},
            **{name: self._of_text(theirs[name]) for name in _OF_TEXTS},
            **{name: self._of_text(filter) for name, filter in of_texts.items()},
            _COUNTED: budget.counted,
            _MEASURED: self._measured,
        }
        self.tests = {name: TESTS[name] for name in _TESTS}
        self.globals = {"range": self.globals["range"], "namespace": Namespace}

    # ---- what a template may read and call ----

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A member of the report, or what there is within a loop. Raises SecurityError for any other attribute."""
        if isinstance(obj, dict):
            return obj[attribute] if attribute in obj else self.undefined(f"there is no member {attribute!r}")
        allowed = _OF_LOOPS if isinstance(obj, LoopContext) else _OF_GROUPS if _is_group(obj) else ()
        if attribute in allowed or (isinstance(obj, Namespace) and not attribute.startswith("_")):
            return getattr(obj, attribute)
        if isinstance(obj, Undefined):
            str(obj)
        raise SecurityError(f"attribute {attribute!r} of {_kind(obj)}: a template reads members and uses filters")

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A member, a thing by its number, or a part of a text or list. Never an attribute."""
        if isinstance(obj, dict):
            return obj[argument] if argument in obj else self.undefined(f"there is no member {argument!r}")
        if isinstance(obj, list | tuple | str) and isinstance(argument, int | slice):
            if isinstance(argument, slice):
                self.budget.step(len(obj))
            try:
                return obj[argument]
            except LookupError:
                return self.undefined(f"there is no number {argument} of {_kind(obj)}")
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        """Macros of the template, what loops offer, and the two functions there are."""
        return (
            isinstance(obj, Macro)
            or obj in (self.globals["range"], Namespace)
            or isinstance(getattr(obj, "__self__", None), LoopContext)
        )

    def call(self, context: Any, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call one of them, which takes a step."""
        self.budget.step()
        return super().call(context, obj, *args, **kwargs)

    # ---- what may grow ----

    def concat(self, pieces: Iterable[str]) -> str:
        """The pieces of a macro or block as one text."""
        found, size = [], 0
        for piece in pieces:
            size += len(piece)
            self.budget.length(size)
            found.append(piece)
        return "".join(found)

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Arithmetic, and joining of texts and lists, while the result is not too large."""
        self.budget.step()
        numbers = isinstance(left, int | float) and isinstance(right, int | float)
        if operator == "+" and isinstance(left, Sized) and isinstance(right, Sized):
            self.budget.length(len(left) + len(right))
            self.budget.step(len(left) + len(right) if isinstance(left, list | tuple) else 1)
        elif not numbers or operator == "**":
            raise SecurityError(f"{_kind(left)} {operator} {_kind(right)}: templates have no such operation")
        elif isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > _BITS:
            raise Exceeded("a number that is too large")
        return super().call_binop(context, operator, left, right)

    def _limited(self, filter: Callable[..., Any]) -> Callable[..., Any]:
        """A filter that takes a step for each member of what it is applied to."""
        at = _place(filter)

        def limited(*args: Any, **kwargs: Any) -> Any:
            value = args[at]
            if isinstance(value, Iterator):
                args = (*args[:at], self.budget.counted(value), *args[at + 1 :])
            self.budget.step(1 + len(value) if isinstance(value, Sized) and not isinstance(value, Undefined) else 1)
            return self._measured(filter(*args, **kwargs))

        return _passing(filter, limited)

    def _of_text(self, filter: Callable[..., Any]) -> Callable[..., Any]:
        """A filter of a text, which a list or an object is not."""
        at = _place(filter)

        def limited(*args: Any, **kwargs: Any) -> Any:
            value = _shown(None, args[at])
            self.budget.step(1 + len(value) // 1000 if isinstance(value, str) else 1)
            return self._measured(filter(*args[:at], value, *args[at + 1 :], **kwargs))

        return _passing(filter, limited)

    def _measured(self, value: Any) -> Any:
        if isinstance(value, str):
            self.budget.length(len(value))
        return value

    def _join(self, value: Iterable[Any], between: str = "", attribute: str | None = None) -> str:
        if attribute is not None:
            value = (self.getitem(one, attribute) for one in value)
        texts = [one if isinstance(one, str) else str(_shown(None, one)) for one in self.budget.counted(value)]
        self.budget.length(sum(map(len, texts)) + len(between) * len(texts))
        if self.autoescape:
            return Markup(escape(between)).join(texts)
        return between.join(texts)

    def _sum(self, value: Iterable[Any], attribute: str | None = None) -> Any:
        if attribute is not None:
            value = (self.getitem(one, attribute) for one in value)
        return sum(value)

    def _replace(self, value: str, old: str, new: str) -> str:
        value = value if isinstance(value, str) else str(value)
        self.budget.length(len(value) + value.count(old) * len(new))
        return value.replace(old, new)

    def _tojson(self, value: Any, indent: int | None = None) -> str:
        if isinstance(value, Iterator):
            value = list(value)
        written = json.dumps(value, indent=None if indent is None else min(max(indent, 0), 8))
        for sign in "<>&'":
            written = written.replace(sign, f"\\u{ord(sign):04x}")
        return Markup(written) if self.autoescape else written

    # ---- what is put into a template when it is read ----

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree: nodes.Template = _Bounded().visit(super()._parse(source, name, filename))
        return tree


# No template can write these names.
_COUNTED: Final = "counted things"
_MEASURED: Final = "measured text"


class _Bounded(NodeTransformer):
    """Puts the budget into loops and joined texts, and refuses what needs other files."""

    def visit_For(self, node: nodes.For) -> nodes.Node:
        if node.recursive:
            raise TemplateAssertionError("loops that call themselves are not supported", node.lineno)
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _COUNTED, [], [], None, None, lineno=node.lineno)
        return node

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Filter(node, _MEASURED, [], [], None, None, lineno=node.lineno)

    def _of_other_files(self, node: nodes.Node) -> nodes.Node:
        raise TemplateAssertionError(f"a template is one file: no {type(node).__name__.lower()}", node.lineno)

    visit_Include = visit_Import = visit_FromImport = visit_Extends = _of_other_files


@pass_context
def _shown(context: Any, value: Any) -> Any:
    """What `{{ }}` writes: nothing for null. It takes the context so that nothing is worked out when compiling."""
    if value is None:
        return ""
    if not isinstance(value, str | int | float | Undefined):
        raise SecurityError(f"{_kind(value)} is no text: use a filter such as join or tojson")
    return value


def _markdown(value: Any) -> str:
    return markdown(str(value))


def _place(filter: Callable[..., Any]) -> int:
    """Where a filter takes its value: behind a context, if it takes one."""
    return 0 if getattr(filter, "jinja_pass_arg", None) is None else 1


def _passing(filter: Callable[..., Any], limited: Callable[..., Any]) -> Callable[..., Any]:
    """The limited one, which takes what the filter takes."""
    if _place(filter):
        limited.jinja_pass_arg = filter.jinja_pass_arg  # type: ignore[attr-defined]
    return limited


def _is_group(obj: Any) -> bool:
    return type(obj).__name__ == "_GroupTuple" and isinstance(obj, tuple)


def _kind(obj: Any) -> str:
    if isinstance(obj, Mapping):
        return "an object"
    names = {str: "a text", Markup: "a text", int: "a number", float: "a number", bool: "true or false"}
    names |= {list: "a list", tuple: "a list", type(None): "null"}
    return names.get(type(obj), type(obj).__name__)

"""The findings by a template of yours, in jinja2 (the extra ``template``).

A template sees the members of the JSON report by their names, such as ``findings`` and ``coverage``, and beside them
``counts`` by priority, ``fixes`` (package, fixed version, instance, and findings), ``caveats`` and ``commands``. In
every text, what cannot be seen is escaped. For a name that ends in ``.html``, ``.htm``, ``.xml`` or ``.svg`` (with
``.j2``, ``.jinja`` or ``.jinja2`` behind it) texts are escaped as markup too.
"""

import re
from collections.abc import Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from advisories.models.errors import InvalidTemplate, MissingExtra
from advisories.models.printing import printable
from advisories.reports.caveats import caveats
from advisories.reports.fix_commands import fix_commands
from advisories.reports.page import visible
from vercmp._libraries import unusable

if TYPE_CHECKING:
    from jinja2 import Template

    from advisories.reports.document import Document, ReportedFinding
    from advisories.reports.template_sandbox import Budget

__all__ = ["renderer"]

_LONGEST: Final = 1 << 20
_MARKUP: Final = re.compile(r"(?is).*\.(?:html?|xml|svg)(?:\.(?:j2|jinja2?))?")


def renderer(text: str, name: str, budget: "Budget | None" = None) -> "Callable[[Document], list[str]]":
    """A function from a document to the lines that a template makes of it.

    :param text: the template.
    :param name: its path, for messages. Its ending decides whether texts are escaped as markup.
    :param budget: what a rendering may use, if it is not to be the usual.

    Raises :class:`~advisories.models.errors.InvalidTemplate` for a template with mistakes, as the function does where
    they show later, and :class:`~advisories.models.errors.MissingExtra` without jinja2.
    """
    try:
        import jinja2

        from advisories.reports.template_sandbox import Budget, Sandbox
    except Exception as error:
        why = unusable(error, "jinja2", "jinja2", "template", "a template")
        raise MissingExtra(name, str(why)) from error
    if len(text) > _LONGEST:
        raise InvalidTemplate(name, None, f"longer than {_LONGEST:,} characters")
    allowed = budget or Budget()
    sandbox = Sandbox(allowed, autoescape=_MARKUP.fullmatch(name) is not None)
    try:
        template = sandbox.from_string(text)
    except jinja2.TemplateSyntaxError as error:
        raise InvalidTemplate(name, error.lineno, _why(error)) from error
    except (SyntaxError, RecursionError):
        # Python, which it is compiled to, has its own limits.
        raise InvalidTemplate(name, None, "nested too deeply") from None

    def render(document: "Document") -> list[str]:
        members = _members(document)
        pieces, size = [], 0
        allowed.start()
        try:
            for piece in template.root_render_func(template.new_context(members)):
                size += len(piece)
                allowed.length(size)
                pieces.append(piece)
        except Exception as error:
            # Whatever an expression raises is a mistake of the template: it sees nothing but data.
            raise InvalidTemplate(name, _line(error.__traceback__, template), _why(error)) from error
        return "".join(pieces).removesuffix("\n").split("\n")

    return render


def _members(document: "Document") -> dict[str, Any]:
    fixes: dict[tuple[str, str | None, str], list[ReportedFinding]] = {}
    for one in document.findings:
        fixes.setdefault((one["package"], one["fixed_version"], one["instance"]), []).append(one)
    content = document.content
    found: dict[str, Any] = visible(
        {
            **content,
            "counts": {priority.value: count for priority, count in document.counts.items()},
            "fixes": [
                {"package": package, "fixed_version": version, "instance": instance, "findings": findings}
                for (package, version, instance), findings in fixes.items()
            ],
            "caveats": [
                {"id": one.id, "level": one.level.value, "text": one.text, "instances": one.instances}
                for one in caveats(content)
            ],
            "commands": [one._asdict() for one in fix_commands(content)],
        }
    )
    return found


def _line(traceback: TracebackType | None, template: "Template") -> int | None:
    """The last line of the template on the way to an error."""
    line = None
    while traceback is not None:
        if traceback.tb_frame.f_globals.get("__jinja_template__") is template:
            line = template.get_corresponding_lineno(traceback.tb_lineno)
        traceback = traceback.tb_next
    return line


def _why(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "nested too deeply"
    first = (str(error) or type(error).__name__).splitlines()[0]
    return printable(first[:300])

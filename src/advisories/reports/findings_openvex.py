"""The findings as an OpenVEX 0.2.0 document: a statement for each vulnerability and the packages for which the same
holds.

Products are package URLs, so copies of one package are one product. An image with its digest is the product, and
packages are subcomponents of it. OpenVEX has no place for what holds of the whole: ``tooling``, which is about how a
document was made, has what the report leaves open. The specification demands a statement. A report without findings
states nothing, and is refused: a document without statements is invalid.

Source: the OpenVEX specification, version 0.2.0.
"""

from collections.abc import Iterator
from json import dumps
from typing import TYPE_CHECKING, Any, Final

from advisories.models.errors import EmptyReport
from advisories.models.statements import StatementStatus
from advisories.reports.alerts import tool_version
from advisories.reports.objects import array_of_texts
from advisories.reports.vex import LABELS, Stated, commands_of, image_of, issued, left_open, serial, shape_of, stated

if TYPE_CHECKING:
    from advisories.reports.document import Document

__all__ = ["render"]

_NOTHING: Final = (
    "no finding is shown or suppressed, and OpenVEX demands a statement about one. Write csaf-vex or cyclonedx, which "
    "may have none, beside it or instead"
)


def render(document: "Document") -> Iterator[str]:
    """The lines of the document, a statement on each.

    Raises :class:`~advisories.models.errors.EmptyReport` where there is nothing to state.
    """
    content = document.content
    if not (content["findings"] or content["suppressed"]):
        raise EmptyReport("openvex", _NOTHING)
    moment = issued(content)
    texts = _Texts(image_of(content), moment)
    body = [
        ' "author": "advisories",',
        ' "role": "tool",',
        f' "timestamp": "{moment}",',
        ' "version": 1,',
        f' "tooling": {dumps(" ".join([f"advisories {tool_version()}.", *left_open(content)]))},',
        *array_of_texts("statements", dict.fromkeys(map(texts.of, stated(content))), ""),
    ]
    yield "{"
    yield ' "@context": "https://openvex.dev/ns/v0.2.0",'
    yield f' "@id": "urn:uuid:{serial(body)}",'
    yield from body
    yield "}"


class _Texts:
    """The statements, as JSON. What those of one advisory have in common is made once."""

    def __init__(self, image: str | None, moment: str) -> None:
        self._image: Final = image
        self._moment: Final = moment
        self._made: Final[dict[tuple[Any, ...], str]] = {}

    def of(self, statement: Stated) -> str:
        """A statement."""
        key = shape_of(statement)
        rest = self._made.get(key)
        if rest is None:
            rest = self._made[key] = dumps(_rest(statement, self._image, self._moment))[1:]
        vulnerability: dict[str, Any] = {"name": statement.finding["vulnerability"]}
        if statement.finding["aliases"]:
            vulnerability["aliases"] = statement.finding["aliases"]
        return f'{{"vulnerability": {dumps(vulnerability)}, {rest}'


def _rest(statement: Stated, image: str | None, moment: str) -> dict[str, Any]:
    """The members that do not depend on the vulnerability."""
    status = statement.status
    packages = [{"@id": purl} for purl in dict.fromkeys([one["purl"] for one in statement.findings])]
    rest: dict[str, Any] = {
        "products": packages if image is None else [{"@id": image, "subcomponents": packages}],
        # That of the document would do. Some readers want one here.
        "timestamp": moment,
        "status": status.value,
        "status_notes": " ".join(statement.notes),
    }
    if status is StatementStatus.NOT_AFFECTED:
        label = LABELS.get(statement.label or "")
        if label is not None:
            rest["justification"] = label
        rest["impact_statement"] = statement.reason
    elif status is StatementStatus.AFFECTED:
        commands = "; ".join(commands_of(statement))
        rest["action_statement"] = f"{statement.action} Run: {commands}" if commands else statement.action
    return rest

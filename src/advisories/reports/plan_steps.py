"""Steps of a plan in words, from their objects in a report."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from advisories.distros.package_managers import MANAGERS, Command, Item, Manager, is_safe
from advisories.models.findings import Priority
from advisories.reports.caveats import release_text
from advisories.reports.lines import counted

if TYPE_CHECKING:
    from advisories.reports.plan_document import ChangeObject, PlanObject, StepObject

__all__ = ["all_commands", "becomes", "commands_of", "facts", "headline", "ids_of", "numbers", "title"]


def title(step: "StepObject") -> str:
    """What is done in a step."""
    when = ", once the machine was restarted" if step["after_restart"] else ""
    return f"{step['action']} {step['source']}{when}"


def becomes(change: "ChangeObject", step: "StepObject") -> str:
    """What becomes of a package."""
    by = "" if change["request"] == change["package"] else f" ({change['request']})"
    if change["to"] is not None:
        return f"{change['to']}{by}"
    if change["to_source_version"] is not None:
        return f"built from {step['source']} {change['to_source_version']}{by}"
    return "removed" if step["action"] == "remove" else f"upgraded{by}"


def ids_of(step: "StepObject") -> list[str]:
    """The vulnerabilities of which a step clears findings, each once."""
    return list(dict.fromkeys([one["vulnerability"] for one in step["clears"]]))


def headline(content: "PlanObject") -> str:
    """What the plan comes to."""
    steps = counted(len(content["steps"]), "step")
    return f"{content['clears']} of {counted(content['findings'], 'finding')} cleared by {steps}"


def facts(content: "PlanObject") -> Iterator[str]:
    """What the plan is of, in few words each."""
    yield release_text(content["distribution"])
    if content["manager"] is not None:
        yield f"commands of {content['manager']}"
    if content["day"] is not None:
        yield f"as of {content['day']}"


def numbers(content: "PlanObject") -> Iterator[tuple[Priority, int, int]]:
    """Each priority, with how many findings of it are cleared and how many stay."""
    for priority in Priority:
        stay = sum([one["priority"] == priority for one in content["stays"]])
        yield priority, sum([step["gain"][priority] for step in content["steps"]]), stay


def all_commands(content: "PlanObject", *, after_restart: bool) -> list[str]:
    """The commands of all steps, before or after the machine is restarted."""
    steps = [step for step in content["steps"] if step["after_restart"] is after_restart]
    return [command for step in steps for command in commands_of(step, content)]


def commands_of(step: "StepObject", content: "PlanObject") -> list[str]:
    """The commands of a step. A plan that was read is not trusted: a command is shown where it is one of the host's
    package manager about packages of the step.
    """
    manager = MANAGERS.get(content["manager"] or "")
    if manager is None:
        return []
    specs = {spec for change in step["packages"] for spec in _specs(change, manager)}
    return [str(Command(tuple(words))) for words in step["commands"] if _is_ours(words, manager, specs)]


def _specs(change: "ChangeObject", manager: Manager) -> Iterator[str]:
    """Every way to name a package of a step in a command."""
    versions = (None, change["to"], change["version"])
    for version in {version and version.removeprefix("0:") for version in versions}:
        for arch in (None, change["arch"]):
            item = Item(change["request"], version, arch)
            if is_safe(manager.type, [item]):
                yield from (manager.exactly(item), manager.at_least(item), manager.removed(item))


def _is_ours(words: list[str], manager: Manager, specs: set[str]) -> bool:
    if words[:1] != [manager.name]:
        return False
    rest = words[1:]
    if manager.literal and tuple(rest[: len(manager.literal)]) == manager.literal:
        rest = rest[len(manager.literal) :]
    by = manager.by_advisory
    if by is not None and rest[:1] == [by.word] and len(rest) > 1 and all(word.startswith("--") for word in rest[1:]):
        parts = [word.partition("=") for word in rest[1:]]
        return all(option in (by.cve, by.advisory) for option, _, _ in parts) and is_safe(
            manager.type, (), [id for _, _, id in parts]
        )
    for verb in (manager.upgrade, manager.install, manager.remove):
        if tuple(rest[: len(verb)]) == verb:
            return len(rest) > len(verb) and specs.issuperset(rest[len(verb) :])
    return False

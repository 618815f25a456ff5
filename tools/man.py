"""Writes the manual pages vercmp.1 and advisories.1 from the parsers of both commands: python tools/man.py FOLDER

The text is that of --help, with every command of a program in its page. Nothing is needed but the built package.
python tools/man.py FOLDER vercmp=NAME is for systems where another package has a program vercmp: the page is NAME.1.
"""

import argparse
import os
import re
import sys
import time
import tomllib
from pathlib import Path
from typing import Final

from advisories.cli.entry import parser_of_commands
from vercmp import _command

__all__ = ["pages"]

ROOT: Final = Path(__file__).resolve().parents[1]
#: What roff would read as a request or draw as another character than a person types.
_ESCAPED: Final = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti"})
_SEE: Final = {
    "vercmp": r"\fBadvisories\fR(1), \fBrpm\fR(8), \fBdpkg\fR(1), \fBapk\fR(8)",
    "advisories": r"\fBvercmp\fR(1)",
}
_FILES: Final = {
    "vercmp": "",
    "advisories": r"""
.SH ENVIRONMENT
.TP
\fBADVISORIES_\fIOPTION\fR
the value of an option that is not on the command line, such as \fBADVISORIES_FAIL_ON=high\fR
.TP
\fBNO_COLOR\fR, \fBFORCE_COLOR\fR
no colours, or colours without a terminal
.TP
\fBXDG_CACHE_HOME\fR
where fetched advisories are kept (\fI\(ti/.cache\fR)
.SH FILES
.TP
\fIadvisories.toml\fR, \fIpyproject.toml\fR
options that are neither on the command line nor in the environment, of the working folder or one above it.
\fBadvisories config\fR shows which hold
""",
}


def text(words: str) -> str:
    """A text as roff draws it unchanged."""
    lines = (line.translate(_ESCAPED) for line in words.splitlines())
    return "\n".join(f"\\&{line}" if line.startswith(".") else line for line in lines)


def literal(words: str) -> str:
    """Lines that stay as they are, with their spaces."""
    return f".nf\n{text(words.strip(chr(10)))}\n.fi"


def term(action: argparse.Action) -> str:
    """An option with its value, or an argument."""
    shown = action.metavar or (f"{{{','.join(map(str, action.choices))}}}" if action.choices else action.dest.upper())
    value = "" if action.nargs == 0 else "\\fI" + text(shown if isinstance(shown, str) else " ".join(shown)) + "\\fR"
    return ", ".join(f"\\fB{text(name)}\\fR {value}".rstrip() for name in action.option_strings) or value


def described(parser: argparse.ArgumentParser) -> list[str]:
    """What a parser takes, each with its help."""
    lines = []
    for action in parser._actions:
        if not isinstance(action, argparse._SubParsersAction) and action.help != argparse.SUPPRESS:
            words = {**vars(action), "prog": parser.prog}
            lines += [".TP", term(action), text((action.help or "").strip() % words) or r"\&"]
    return lines


def usage(parser: argparse.ArgumentParser) -> str:
    parser.color = False  # type: ignore[attr-defined, unused-ignore]
    return text(" ".join(parser.format_usage().removeprefix("usage: ").split()))


def page(parser: argparse.ArgumentParser, summary: str, version: str) -> str:
    """The page of a program and its commands."""
    (commands,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    name = parser.prog
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    date = time.strftime("%Y-%m-%d", time.gmtime(int(epoch))) if epoch else ""
    lines = [f'.TH {name.upper()} 1 "{date}" "vercmp {version}" "User Commands"', ".nh", ".ad l", ".SH NAME"]
    lines += [f"{name} \\- {text(summary)}", ".SH SYNOPSIS", f"\\fB{name}\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]"]
    lines += [".SH DESCRIPTION", text((parser.description or "").strip()), *described(parser)]
    if parser.epilog:
        lines += [".PP", literal(parser.epilog)]
    lines.append(".SH COMMANDS")
    for choice, command in commands.choices.items():
        lines += [f".SS {name} {text(choice)}", usage(command), ".PP", text((command.description or "").strip())]
        lines += described(command)
        if command.epilog:
            lines += [".PP", literal(command.epilog)]
    lines += [_FILES[name].strip("\n"), ".SH SEE ALSO", _SEE[name]]
    return "\n".join(line for line in lines if line) + "\n"


def renamed(page: str, called: str) -> str:
    """A page where the program ``vercmp`` has another name. The package keeps its own."""
    (commands,) = (one for one in _command._parser()._actions if isinstance(one, argparse._SubParsersAction))
    after = "|".join([*commands.choices, r"\\-", r"\["])
    started = rf"(?<=\\fB)vercmp(?=\\fR)|^vercmp(?= \\-)|\bvercmp(?= (?:{after}))"
    page = re.sub(started, lambda _: text(called), page, flags=re.MULTILINE)
    return page.replace(".TH VERCMP", f".TH {called.upper()}", 1)


def pages(called: str = "vercmp") -> dict[str, str]:
    """The text of each page by its file's name.

    :param called: what the program ``vercmp`` is called there.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    # A usage is as long as it is: roff fills lines.
    os.environ["COLUMNS"] = "100000"
    found = {
        f"{called}.1": page(_command._parser(), "order package versions as rpm, dpkg, apk and others do", version),
        "advisories.1": page(parser_of_commands(), "match installed packages against security advisories", version),
    }
    return found if called == "vercmp" else {name: renamed(text, called) for name, text in found.items()}


def main() -> None:
    match sys.argv[1:]:
        case [folder] if not folder.startswith("-"):
            called = "vercmp"
        case [folder, name] if re.fullmatch(r"vercmp=[\w.-]+", name):
            called = name.partition("=")[2]
        case _:
            raise SystemExit(__doc__)
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    for name, written in pages(called).items():
        (place / name).write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()

"""``python -m advisories``: the command of the same name."""

from advisories.cli import command

if __name__ == "__main__":
    raise SystemExit(command())

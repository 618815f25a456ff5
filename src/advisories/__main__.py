"""``python -m advisories``: the command of the same name."""

from advisories.cli import main

if __name__ == "__main__":
    raise SystemExit(main())

"""The command line: one file a command. Nothing else prints, exits or reads the environment."""

from advisories.cli.entry import main

__all__ = ["main"]

"""The command line: one file a command. Nothing else prints, exits or reads the environment."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command with these arguments (the process's own by default) and return its exit status."""
    try:
        # The first import that takes any time, so that an interruption ends with a status of ours from here on.
        from advisories.cli.entry import run
        from advisories.cli.guard import guarded
    except KeyboardInterrupt:
        return 130
    except RuntimeError as error:
        # Python 3.11 wraps what is raised while a class is made.
        if isinstance(error.__cause__, KeyboardInterrupt):
            return 130
        raise
    return guarded(run, arguments)

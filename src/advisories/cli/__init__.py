"""The command line: one file a command. Nothing else prints, exits or reads the environment."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["command", "main"]


def main(arguments: "Sequence[str] | None" = None) -> int:
    """Run the command with these arguments (the process's own by default) and return its exit status."""
    try:
        # Without this nothing but one line is printed.
        from vercmp._console import not_started
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
            return 130
        # What Python itself has imported.
        import os

        try:
            os.write(2, b"advisories: cannot be started: there is not enough memory, or a module is missing\n")
        except OSError:
            return 2  # closed or full
        return 2
    try:
        # The first import that takes any time, so that whatever is raised ends with a status of ours from here on.
        from advisories.cli.entry import run
        from advisories.cli.guard import guarded
    except BaseException as error:
        return not_started("advisories", error)
    return guarded(run, arguments)


def command() -> int:
    """:func:`main` for a process of its own, at whose end nothing is left to look after."""
    import gc

    # Looking for cycles among modules and their classes, again and again and once more at the end, frees nothing.
    gc.disable()
    try:
        return main()
    finally:
        gc.freeze()

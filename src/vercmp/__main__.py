"""Where the command ``vercmp`` begins: it imports nothing that could end it with a traceback."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["main"]


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run the command line and return its exit status. Wrong usage exits with 2, as argparse does."""
    try:
        # Without this nothing but one line is printed.
        from vercmp._console import not_started
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt) or isinstance(error.__cause__, KeyboardInterrupt):
            return 130
        # What Python itself has imported.
        import os

        try:
            os.write(2, b"vercmp: cannot be started: there is not enough memory, or a module is missing\n")
        except OSError:
            return 2  # closed or full
        return 2
    try:
        from vercmp._command import run
    except BaseException as error:
        return not_started("vercmp", error)
    return run(argv)


if __name__ == "__main__":
    raise SystemExit(main())

"""Where the installed command ``vercmp`` begins: it imports nothing that an interruption could end with a traceback."""

__all__ = ["main"]


def main() -> int:
    """Run the command line of this process and return its exit status."""
    try:
        from vercmp.__main__ import main as run
    except KeyboardInterrupt:
        return 130
    return run()

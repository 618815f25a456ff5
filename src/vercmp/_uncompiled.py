"""What is raised where a compiled module is missing: each has a file of its name beside it, which says so.

Python takes the compiled one where there is one for this very interpreter.
"""

__all__ = ["not_compiled"]


def not_compiled(name: str, path: str) -> ImportError:
    """The error about a compiled module that is not there, or there for other interpreters alone.

    :param path: of the file beside which it should be.
    """
    import os
    from importlib.machinery import EXTENSION_SUFFIXES
    from platform import python_implementation, python_version

    folder, file = os.path.split(path)
    begin = file.partition(".")[0] + "."
    try:
        there = sorted(
            one for one in os.listdir(folder) if one.startswith(begin) and one.endswith((".so", ".pyd", ".dylib"))
        )
    except OSError:
        there = []
    others = f" {folder} has {', '.join(there)}, for another Python or machine." if there else ""
    suffix = EXTENSION_SUFFIXES[0] if EXTENSION_SUFFIXES else "none"
    return ImportError(
        f"{name} is not compiled for this Python ({python_implementation()} {python_version()}, {suffix}).{others} "
        "Install vercmp again with this very Python: python -m pip install PATH, of a wheel for it or of the folder of "
        "the sources, which needs a C compiler. With --editable you run from that folder",
        name=name,
        path=path,
    )

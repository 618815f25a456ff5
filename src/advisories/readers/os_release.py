"""os-release(5) and its like."""

__all__ = ["parse_os_release"]


def parse_os_release(text: str) -> dict[str, str]:
    """The fields of an os-release(5) file: shell assignments without expansions, values bare or quoted.

    >>> parse_os_release('ID="almalinux"\\nVERSION_ID="9.0"')
    {'ID': 'almalinux', 'VERSION_ID': '9.0'}
    """
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith("#"):
            value = value.strip()
            if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1]
            fields[name] = value
    return fields

def few_of_header(
    header: bytes,
    end: int,
    folders: int,
    folder_count: int,
    names: int,
    places: int,
    count: int,
    /,
) -> tuple[str, ...] | None: ...
def few_of_stanza(stanza: str, /) -> tuple[str, ...] | None: ...

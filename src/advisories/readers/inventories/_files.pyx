# cython: language_level=3
"""A few of a package's files, chosen where their names lie: no text is made of the others.

They are those of ``collector.few``. Bytes and characters are the same in ASCII alone, and what can be printed of it is
known; so wherever a list has another character, or one of the chosen one that cannot be printed, or what is said of the
list does not hold, the answer is None: ``few`` decides then, or its caller refuses the list.

Of each kind the three shortest are kept while the list goes by. Nothing is read outside of the object that is given.
"""

from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.unicode cimport PyUnicode_DecodeASCII
from libc.stdint cimport uint32_t
from libc.string cimport memchr, memcmp, memcpy

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8AndSize(object text, Py_ssize_t* size) except NULL

cdef enum:
    # How many of a package's files are kept, as in collector.
    FEW = 3

cdef enum:
    # Kinds of files, in the order in which they are chosen.
    PROGRAMS
    LIBRARIES
    OTHERS
    KINDS

cdef struct Folder:
    const char* text  # with a last "/"
    Py_ssize_t size
    bint has_programs

cdef struct File:
    const char* folder
    Py_ssize_t folder_size
    const char* name
    Py_ssize_t name_size

cdef struct Shortest:
    File files[FEW]
    int count


cdef inline char character(const File* file, Py_ssize_t at) noexcept nogil:
    return file.folder[at] if at < file.folder_size else file.name[at - file.folder_size]


cdef bint is_before(const File* one, const File* other) noexcept nogil:
    """By the length of the paths, then by themselves."""
    cdef Py_ssize_t at, size = one.folder_size + one.name_size, other_size = other.folder_size + other.name_size
    if size != other_size:
        return size < other_size
    for at in range(size):
        if character(one, at) != character(other, at):
            return character(one, at) < character(other, at)
    return False


cdef inline void offer(Shortest* kept, const File* file) noexcept nogil:
    cdef int at
    if kept.count < FEW:
        kept.count += 1
    elif not is_before(file, &kept.files[FEW - 1]):
        return
    at = kept.count - 1
    while at > 0 and is_before(file, &kept.files[at - 1]):
        kept.files[at] = kept.files[at - 1]
        at -= 1
    kept.files[at] = file[0]


cdef inline bint is_folder(const Folder* folder, const char* name, Py_ssize_t size) noexcept nogil:
    """Whether a folder's last part is *name*, which has a ``/`` at both ends; a relative one may lack the first."""
    if folder.size == size - 1:
        return memcmp(folder.text, name + 1, size - 1) == 0
    return folder.size >= size and memcmp(folder.text + folder.size - size, name, size) == 0


cdef inline Folder folder_of(const char* text, Py_ssize_t size) noexcept nogil:
    cdef Folder folder
    folder.text = text
    folder.size = size
    folder.has_programs = (
        is_folder(&folder, b"/bin/", 5) or is_folder(&folder, b"/sbin/", 6) or is_folder(&folder, b"/libexec/", 9)
    )
    return folder


cdef inline bint is_library(const char* name, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t at
    for at in range(size - 2):
        if name[at] == c"." and name[at + 1] == c"s" and name[at + 2] == c"o":
            return True
    return False


cdef inline void look_at(Shortest* kinds, const Folder* folder, const char* name, Py_ssize_t size) noexcept nogil:
    cdef File file
    file.folder = folder.text
    file.folder_size = folder.size
    file.name = name
    file.name_size = size
    offer(&kinds[PROGRAMS if folder.has_programs else LIBRARIES if is_library(name, size) else OTHERS], &file)


cdef inline bint is_ascii(const char* begin, const char* end) noexcept nogil:
    cdef unsigned char all_bits = 0
    while begin < end:
        all_bits |= <unsigned char> begin[0]
        begin += 1
    return all_bits < 0x80


cdef inline bint is_printable(const char* text, Py_ssize_t size) noexcept nogil:
    cdef Py_ssize_t at
    for at in range(size):
        if not c" " <= text[at] <= c"~":
            return False
    return True


cdef tuple chosen(const Shortest* kinds):
    cdef list paths = []
    cdef const File* file
    cdef int kind, at
    for kind in range(KINDS):
        for at in range(kinds[kind].count):
            if len(paths) == FEW:
                break
            file = &kinds[kind].files[at]
            if not (is_printable(file.folder, file.folder_size) and is_printable(file.name, file.name_size)):
                return None
            paths.append(
                PyUnicode_DecodeASCII(file.folder, file.folder_size, NULL)
                + PyUnicode_DecodeASCII(file.name, file.name_size, NULL)
            )
    return tuple(paths)


def few_of_header(
    bytes header not None,
    Py_ssize_t end,
    Py_ssize_t folders,
    Py_ssize_t folder_count,
    Py_ssize_t names,
    Py_ssize_t places,
    Py_ssize_t count,
    /,
):
    """Of an rpm header that ends at *end*: from *folders* on so many texts, each with a NUL behind it; from *names* on
    *count* of them; from *places* on as many numbers of 32 bits, each the folder of a file.
    """
    # No folder is without a file; so the table of them is never longer than the header.
    if not (0 <= folder_count <= count and 0 <= end <= len(header)):
        return None
    if not (0 <= folders <= end and 0 <= names <= end and 0 <= places <= end and count <= (end - places) // 4):
        return None
    cdef Folder* table = <Folder*> PyMem_Malloc((folder_count + 1) * sizeof(Folder))
    if table == NULL:
        raise MemoryError
    try:
        return among(header, end, folders, folder_count, names, places, count, table)
    finally:
        PyMem_Free(table)


cdef tuple among(
    const char* header,
    Py_ssize_t size,
    Py_ssize_t folders,
    Py_ssize_t folder_count,
    Py_ssize_t names,
    Py_ssize_t places,
    Py_ssize_t count,
    Folder* table,
):
    cdef Shortest[KINDS] kinds
    cdef const char* end = header + size
    cdef const char* at = header + folders
    cdef const char* nul
    cdef const unsigned char* place = <const unsigned char*> header + places
    cdef Py_ssize_t number
    cdef uint32_t folder
    for number in range(KINDS):
        kinds[number].count = 0
    for number in range(folder_count):
        nul = <const char*> memchr(at, 0, end - at)
        if nul == NULL:
            return None
        table[number] = folder_of(at, nul - at)
        at = nul + 1
    if not is_ascii(header + folders, at):
        return None
    at = header + names
    for number in range(count):
        nul = <const char*> memchr(at, 0, end - at)
        if nul == NULL:
            return None
        folder = <uint32_t> place[0] << 24 | <uint32_t> place[1] << 16 | <uint32_t> place[2] << 8 | place[3]
        if folder >= folder_count:
            return None
        look_at(kinds, &table[folder], at, nul - at)
        at = nul + 1
        place += 4
    if not is_ascii(header + names, at):
        return None
    return chosen(kinds)


def few_of_stanza(str stanza not None, /):
    """Of a stanza of apk's: each row ``R:`` a file in the folder of the last row ``F:`` above it, else in the root."""
    cdef Py_ssize_t size
    cdef const char* text
    try:
        text = PyUnicode_AsUTF8AndSize(stanza, &size)
    except UnicodeEncodeError:
        return None
    # A row F:name and the end of its line are longer than /name/.
    cdef char* folders = <char*> PyMem_Malloc(size + 2)
    if folders == NULL:
        raise MemoryError
    try:
        return below(text, size, folders)
    finally:
        PyMem_Free(folders)


cdef tuple below(const char* at, Py_ssize_t size, char* unused):
    cdef Shortest[KINDS] kinds
    cdef const char* end = at + size
    cdef const char* newline
    cdef Py_ssize_t number
    cdef Folder root, folder
    for number in range(KINDS):
        kinds[number].count = 0
    unused[0] = c"/"
    root = folder = folder_of(unused, 1)
    unused += 1
    while at < end:
        newline = <const char*> memchr(at, c"\n", end - at)
        if newline == NULL:
            newline = end
        size = newline - at - 2
        if size >= 0 and (at[0] == c"R" or at[0] == c"F") and at[1] == c":":
            at += 2
            if not is_ascii(at, newline):
                return None
            if at[-2] == c"R":
                look_at(kinds, &folder, at, size)
            elif not size:
                folder = root
            else:
                unused[0] = unused[size + 1] = c"/"
                memcpy(unused + 1, at, size)
                folder = folder_of(unused, size + 2)
                unused += size + 2
        at = newline + 1
    return chosen(kinds)

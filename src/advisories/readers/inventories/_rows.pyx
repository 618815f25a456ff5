# cython: language_level=3
"""Lists of a package a line: the commonest forms, cut where they stand.

What is taken here is of a form to the letter, in printable ASCII; any other line is handed to the reader of the list,
in its place. That reader is what says which package a line is, and here the same is said of most lines in a fraction
of the time: the tests hold both side by side.
"""

cimport cython
from cpython.bytes cimport PyBytes_AsString, PyBytes_FromStringAndSize
from libc.string cimport memchr, memcmp, memcpy

from advisories.readers.inventories._slots cimport Slots

cdef extern from *:
    """
    /* The limited API has no way to make a text but to decode one. */
    static PyObject *ascii(const char *text, Py_ssize_t size) {
    #ifndef Py_LIMITED_API
        if (size > 1) {
            PyObject *made = PyUnicode_New(size, 127);
            if (made != NULL)
                memcpy(PyUnicode_1BYTE_DATA(made), text, size);
            return made;
        }
    #endif
        return PyUnicode_DecodeASCII(text, size, NULL);
    }
    """
    object ascii(const char* text, Py_ssize_t size)

cdef enum:
    MOST_COLUMNS = 8
    # A longer version is the reader's.
    LONGEST = 256
    # Architectures, or states, of one list.
    SOME_WORDS = 8

ctypedef const unsigned char* Text

cdef struct Span:
    Text text
    Py_ssize_t size


# What a sign is in a plain line.
cdef enum:
    NO_ROLE, DASH, DOT, COLON, TAB, REFUSED

cdef unsigned char[256] ROLES

cdef int learn_roles() except -1:
    cdef int sign
    for sign in range(256):
        ROLES[sign] = NO_ROLE if c" " < sign <= c"~" else REFUSED
    ROLES[<int>c"-"] = DASH
    ROLES[<int>c"."] = DOT
    ROLES[<int>c":"] = COLON
    ROLES[<int>c"\t"] = TAB
    ROLES[<int>c"/"] = ROLES[<int>c"("] = REFUSED
    return 0

learn_roles()


cdef inline object text_of(Span span):
    """The text of printable ASCII."""
    return ascii(<const char*>span.text, span.size)


cdef inline Span span_of(Text start, Text end) noexcept nogil:
    cdef Span span
    span.text = start
    span.size = end - start
    return span


cdef inline bint says(Span span, const char* word, Py_ssize_t size) noexcept nogil:
    return span.size == size and memcmp(span.text, word, size) == 0


cdef inline bint is_none(Span span) noexcept nogil:
    """Whether it is rpm's word for nothing, or nothing."""
    return span.size == 0 or says(span, b"(none)", 6)


cdef inline bint may_be_modular(Text text, Text end) noexcept nogil:
    """Whether ``.module`` is in it."""
    while end - text >= 7:
        text = <Text>memchr(text, c".", end - text - 6)
        if text == NULL:
            return False
        if memcmp(text, b".module", 7) == 0:
            return True
        text += 1
    return False


cdef inline bint is_epoch(Text text, Text colon, Text end) noexcept nogil:
    """Whether a number is up to a colon, and something behind it, in a text that ends there."""
    if not text < colon < end - 1:
        return False
    while text < colon:
        if not c"0" <= text[0] <= c"9":
            return False
        text += 1
    return True


cdef int columns_of(Span row, int blanks_from, Span* columns) noexcept nogil:
    """Cut a row at its tabs: how many columns, or -1 where there are more than eight or one is not printable ASCII.

    Only columns from *blanks_from* on have blanks in them, and none has them at its ends.
    """
    cdef Text at = row.text, end = row.text + row.size, start = row.text
    cdef int count = 0
    while True:
        if at == end or at[0] == c"\t":
            if count == MOST_COLUMNS or (at > start and (start[0] == c" " or (at - 1)[0] == c" ")):
                return -1
            columns[count] = span_of(start, at)
            count += 1
            if at == end:
                return count
            start = at + 1
        elif at[0] <= c" " or at[0] > c"~":
            if at[0] != c" " or count < blanks_from:
                return -1
        at += 1


@cython.auto_pickle(False)
@cython.final
cdef class _Words:
    """What words stand for; those that were met are known where they stand, in one list, which is held meanwhile.

    ``says_release``: whether a line was met that has ``-release`` in it.
    """

    cdef bint says_release
    cdef dict _known
    cdef Span[SOME_WORDS] _met
    cdef list _values

    def __cinit__(self, dict known):
        self._known = known
        self._values = [None] * SOME_WORDS

    cdef object of(self, Span word):
        """What it stands for; None where it is not known."""
        if word.size == 0:
            return self._known.get("")
        cdef Py_ssize_t place = (word.text[0] + word.size) % SOME_WORDS
        if self._met[place].text == NULL or not says(word, <const char*>self._met[place].text, self._met[place].size):
            self._values[place] = self._known.get(text_of(word))
            self._met[place] = word
        return self._values[place]


@cython.auto_pickle(False)
cdef class Rows:
    """A form of lines, and how its packages are made."""

    cdef dict _words
    cdef Py_ssize_t _name, _version, _arch, _source_name, _source_version, _vendor, _maintainer, _state

    cdef int learn(self, Slots slots, dict words) except -1:
        """Where the fields of packages are, and the words that stand for something."""
        self._words = words
        self._name = slots.place("name")
        self._version = slots.place("version")
        self._arch = slots.place("arch")
        self._source_name = slots.place("source_name")
        self._source_version = slots.place("source_version")
        self._vendor = slots.place("vendor")
        self._maintainer = slots.place("maintainer")
        self._state = slots.place("state")
        return 0

    def cut(self, bytes data, list packages, other, list releases=None):
        """Add to *packages* what the lines of a list are, in their order; *other* is called with the number and the
        bytes of each line that is not of the form, but for empty ones and comments. Returns how many were added.

        To *releases* are added those of the packages, and perhaps a few more, that have ``-release`` in their name, of
        a form of rpm's.
        """
        return self.add(data, packages, other, -1, releases)

    def all(self, bytes data, Py_ssize_t most=-1):
        """The packages of a list, or of so many of its first lines; None where one of these is not of the form."""
        cdef list packages = []
        return packages if self.add(data, packages, None, most, None) >= 0 else None

    cdef Py_ssize_t add(self, bytes data, list packages, other, Py_ssize_t most, list releases) except -2:
        """How many were added; -1 where a line is not of the form, and nobody asks for it."""
        cdef Text start = <Text>PyBytes_AsString(data), end = start + len(data), stop
        cdef Py_ssize_t number = 0, taken = 0
        cdef _Words words = _Words(self._words)
        while start < end and number != most:
            stop = <Text>memchr(start, c"\n", end - start)
            if stop == NULL:
                stop = end
            number += 1
            if stop > start and start[0] != c"#":
                package = self.package(span_of(start, stop), words)
                if package is not None:
                    packages.append(package)
                    taken += 1
                    if words.says_release:
                        words.says_release = False
                        if releases is not None:
                            releases.append(package)
                elif other is None:
                    return -1
                else:
                    other(number, PyBytes_FromStringAndSize(<const char*>start, stop - start))
            start = stop + 1
        return taken

    cdef object package(self, Span row, _Words words):
        """The package of a line; None for a line that is not of the form."""
        raise NotImplementedError


@cython.auto_pickle(False)
@cython.final
cdef class RpmRows(Rows):
    """``name-[epoch:]version-release[.arch][.rpm]``, and the columns of :data:`advisories.readers.inventories.rpm_qa.QUERY_FORMAT`.

    Made of how packages of the two forms are made, and the words that are architectures.
    """

    cdef Slots _plain, _columned

    def __cinit__(self, Slots plain not None, Slots columned not None, arches):
        self._plain = plain
        self._columned = columned
        self.learn(plain, {arch: arch for arch in arches})

    cdef object package(self, Span row, _Words words):
        cdef Text at = row.text, end = row.text + row.size, version = NULL, release = NULL, dot = NULL
        cdef Text colon = NULL, modular = NULL
        cdef unsigned char role
        while at < end:
            role = ROLES[at[0]]
            if role == NO_ROLE:
                pass
            elif role == DASH:
                version = release
                release = at + 1
                if end - at > 8 and memcmp(at, b"-release", 8) == 0:
                    words.says_release = True
            elif role == DOT:
                if at == end - 4 and memcmp(at, b".rpm", 4) == 0:
                    end = at
                    break
                dot = at
                if at + 1 < end and at[1] == c"m":
                    modular = at
            elif role == COLON and colon == NULL:
                colon = at
            elif role == TAB:
                return self.of_columns(row, words)
            else:
                return None
            at += 1
        if version == NULL or version - 1 == row.text or release - version == 1 or release == end:
            return None
        if colon != NULL and not is_epoch(version, colon, release - 1):
            return None
        arch = None
        if dot > release:
            arch = words.of(span_of(dot + 1, end))
            if arch is not None:
                end = dot
        elif dot == release:
            return None
        cdef Span name = span_of(row.text, version - 1)
        if (modular >= release and may_be_modular(release, end)) or says(name, b"gpg-pubkey", 10):
            return None
        it = self._plain.new()
        self._plain.put(it, self._name, text_of(name))
        self._plain.put(it, self._version, text_of(span_of(version, end)))
        self._plain.put(it, self._arch, arch)
        return it

    cdef object of_columns(self, Span row, _Words words):
        cdef Span[MOST_COLUMNS] columns
        cdef int count = columns_of(row, 6, columns)
        if count < 5:
            return None
        cdef Span name = columns[0], epoch = columns[1], version = columns[2], release = columns[3], arch = columns[4]
        if name.size == 0 or version.size == 0 or release.size == 0 or says(name, b"gpg-pubkey", 10):
            return None
        if may_be_modular(release.text, release.text + release.size) or (count > 7 and not is_none(columns[7])):
            return None
        cdef Text start = version.text
        cdef Py_ssize_t place
        if not is_none(epoch):
            start = epoch.text
            for place in range(epoch.size):
                if not c"0" <= start[place] <= c"9":
                    return None
        # Where the columns stand side by side, the whole version is there but for its signs.
        cdef unsigned char[LONGEST] evr
        cdef Span whole = span_of(evr, evr + (release.text + release.size - start))
        if whole.size > LONGEST:
            return None
        memcpy(evr, start, whole.size)
        if start == epoch.text:
            evr[epoch.size] = c":"
        evr[release.text - 1 - start] = c"-"
        source_name = source_version = None
        if count > 5 and not is_none(columns[5]):
            parts = source_of(columns[5])
            if parts is None:
                return None
            source_name, source_version = parts
        it = self._columned.new()
        self._columned.put(it, self._name, text_of(name))
        self._columned.put(it, self._version, text_of(whole))
        if not is_none(arch):
            self._columned.put(it, self._arch, words.of(arch) or text_of(arch))
        self._columned.put(it, self._source_name, source_name)
        self._columned.put(it, self._source_version, source_version)
        if count > 6 and not is_none(columns[6]):
            self._columned.put(it, self._vendor, text_of(columns[6]))
        return it


cdef tuple source_of(Span file):
    """Name and version of a source rpm's file, ``name-version-release.src.rpm``; None for another one."""
    cdef Text end = file.text + file.size - 8, at = file.text, version = NULL, release = NULL
    if file.size <= 8 or memcmp(end, b".src.rpm", 8) != 0:
        return None
    while at < end:
        if at[0] == c"-":
            version = release
            release = at + 1
        elif at[0] == c":" or at[0] == c"/":
            return None
        at += 1
    if version == NULL or version - 1 == file.text or release - version == 1 or release == end:
        return None
    return text_of(span_of(file.text, version - 1)), text_of(span_of(version, end))


@cython.auto_pickle(False)
@cython.final
cdef class DpkgRows(Rows):
    """``name[:arch] TAB version``, and the columns of :data:`advisories.readers.inventories.dpkg_query.QUERY_FORMAT`.

    Made of how packages are made, and what the words for states stand for.
    """

    cdef Slots _slots

    def __cinit__(self, Slots slots not None, states):
        self._slots = slots
        self.learn(slots, dict(states))

    cdef object package(self, Span row, _Words words):
        cdef Span[MOST_COLUMNS] columns
        cdef int count = columns_of(row, 6, columns)
        if count == 2:
            return self.made(columns[0], columns[1], True)
        if count != 8:
            return None
        state = words.of(columns[0])
        it = self.made(columns[1], columns[2], False) if state is not None else None
        if it is not None:
            self._slots.put(it, self._state, state)
            self.put(it, self._arch, columns[3])
            self.put(it, self._source_name, columns[4])
            self.put(it, self._source_version, columns[5])
            self.put(it, self._vendor, columns[6])
            self.put(it, self._maintainer, columns[7])
        return it

    cdef int put(self, object it, Py_ssize_t place, Span text) except -1:
        return self._slots.put(it, place, text_of(text) if text.size else None)

    cdef object made(self, Span full_name, Span version, bint with_arch):
        """The package of a name, perhaps with architecture, and a version."""
        cdef Text start = full_name.text, at = start, end = start + full_name.size, colon = NULL
        if version.size == 0:
            return None
        while at < end:
            if at[0] == c":" and colon == NULL and at > start:
                colon = at
            elif not (c"a" <= at[0] <= c"z" or c"0" <= at[0] <= c"9" or (at > start and at[0] == c"-")):
                if colon != NULL or at == start or (at[0] != c"+" and at[0] != c"."):
                    return None
            at += 1
        if start == end or colon == end - 1:
            return None
        it = self._slots.new()
        self._slots.put(it, self._name, text_of(span_of(start, end if colon == NULL else colon)))
        self._slots.put(it, self._version, text_of(version))
        if with_arch and colon != NULL:
            self._slots.put(it, self._arch, text_of(span_of(colon + 1, end)))
        return it

# cython: language_level=3
"""Columns of versions into columns of keys, by the Arrow C data interface: no Python object for a row.

Any library that speaks the interface gives and takes them (pyarrow, Polars, DuckDB, pandas, nanoarrow), and none is
imported here. A column comes as an array or as a stream of arrays: UTF-8 with 32-bit or 64-bit places, views, and
dictionaries of these, of which each entry has its key once. All that leaves has 64-bit places.

Source of the layout: the Arrow columnar format 1.5, *C data interface*, *C stream interface* and *PyCapsule interface*.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy, memset

from vercmp._arrow cimport ArrowArray, ArrowArrayStream, ArrowSchema
from vercmp._engine cimport ITEM, TURN, Turns, clock, give_way
from vercmp._room cimport room_for, room_for_key
from vercmp._sorting cimport _Keys, _Order

from vercmp.errors import InvalidVersion, UnknownScheme
from vercmp.schemes import SCHEMES, scheme_named

cdef enum:
    NULLABLE = 2  # ARROW_FLAG_NULLABLE

cdef const char* NOTHING = b""
# Of formats: how many buffers they have at least, and how many bytes a number has.
cdef dict TEXTS = {b"u": 3, b"U": 3, b"vu": 2, b"n": 0}
cdef dict WIDTHS = {b"c": 1, b"C": 1, b"s": 2, b"S": 2, b"i": 4, b"I": 4, b"l": 8, b"L": 8}
cdef dict GROUPS = {**TEXTS, b"z": 3, b"Z": 3, b"vz": 2, **dict.fromkeys(WIDTHS, 2)}
cdef str WANTED = "versions must be a column of text"


cdef struct Text:
    # NULL for a null.
    const char* data
    Py_ssize_t size


cdef void release_schema(ArrowSchema* schema) noexcept:
    schema.release = NULL


cdef void release_array(ArrowArray* array) noexcept with gil:
    array.release = NULL
    Py_DECREF(<object> <PyObject*> array.private_data)


cdef void free_schema(object capsule) noexcept:
    cdef ArrowSchema* schema = <ArrowSchema*> PyCapsule_GetPointer(capsule, b"arrow_schema")
    if schema.release != NULL:
        schema.release(schema)
    PyMem_Free(schema)


cdef void free_array(object capsule) noexcept:
    cdef ArrowArray* array = <ArrowArray*> PyCapsule_GetPointer(capsule, b"arrow_array")
    if array.release != NULL:
        array.release(array)
    PyMem_Free(array)


cdef object schema_of(const char* format):
    """The type for an Arrow library, in a capsule."""
    cdef ArrowSchema* schema = <ArrowSchema*> PyMem_Malloc(sizeof(ArrowSchema))
    if schema == NULL:
        raise MemoryError()
    memset(schema, 0, sizeof(ArrowSchema))
    schema.format = format
    schema.name = b""
    schema.flags = NULLABLE
    schema.release = release_schema
    return PyCapsule_New(schema, b"arrow_schema", free_schema)


cdef object array_of(object owner, Py_ssize_t length, Py_ssize_t null_count, int n_buffers, const void** buffers):
    """Buffers of an object for an Arrow library, in a capsule, without a copy. The object lives as long."""
    cdef ArrowArray* array = <ArrowArray*> PyMem_Malloc(sizeof(ArrowArray))
    if array == NULL:
        raise MemoryError()
    memset(array, 0, sizeof(ArrowArray))
    array.length = length
    array.null_count = null_count
    array.n_buffers = n_buffers
    array.buffers = buffers
    array.private_data = <void*> owner
    array.release = release_array
    Py_INCREF(owner)
    return PyCapsule_New(array, b"arrow_array", free_array)


cdef inline bint is_set(const uint8_t* bits, int64_t at) noexcept nogil:
    return bits == NULL or bits[at >> 3] >> (at & 7) & 1


@cython.final
@cython.auto_pickle(False)
cdef class _Chunks:
    """The arrays of a column, one after the other. Each is given back when the next one comes."""

    cdef object held
    cdef ArrowArrayStream* stream
    cdef ArrowSchema streamed_schema
    cdef ArrowArray streamed
    cdef ArrowSchema* schema
    # NULL before the first one.
    cdef ArrowArray* array

    def __cinit__(self, column, str what):
        memset(&self.streamed_schema, 0, sizeof(ArrowSchema))
        memset(&self.streamed, 0, sizeof(ArrowArray))
        self.stream = NULL
        self.array = NULL
        if hasattr(column, "__arrow_c_stream__"):
            self.held = column.__arrow_c_stream__()
            self.stream = <ArrowArrayStream*> PyCapsule_GetPointer(self.held, b"arrow_array_stream")
            self.check(self.stream.get_schema(self.stream, &self.streamed_schema))
            self.schema = &self.streamed_schema
        elif hasattr(column, "__arrow_c_array__"):
            self.held = column.__arrow_c_array__()
            self.schema = <ArrowSchema*> PyCapsule_GetPointer(self.held[0], b"arrow_schema")
        else:
            raise TypeError(f"{what} must be a column of Arrow, not {type(column).__name__}")

    def __dealloc__(self):
        if self.streamed.release != NULL:
            self.streamed.release(&self.streamed)
        if self.streamed_schema.release != NULL:
            self.streamed_schema.release(&self.streamed_schema)

    cdef bint next(self) except -1:
        """Whether there is one more array."""
        if self.stream == NULL:
            if self.array != NULL:
                return False
            self.array = <ArrowArray*> PyCapsule_GetPointer(self.held[1], b"arrow_array")
            return True
        if self.streamed.release != NULL:
            self.streamed.release(&self.streamed)
        memset(&self.streamed, 0, sizeof(ArrowArray))
        self.check(self.stream.get_next(self.stream, &self.streamed))
        self.array = &self.streamed
        return self.streamed.release != NULL

    cdef int check(self, int status) except -1:
        cdef const char* message
        if status:
            message = self.stream.get_last_error(self.stream)
            shown = message.decode("utf-8", "replace") if message != NULL else "the stream ends in an error"
            raise OSError(status, shown)
        return 0


@cython.final
@cython.auto_pickle(False)
cdef class _Texts:
    """The texts of an array: where each is. Also bytes and whole numbers, as the bytes they have."""

    cdef ArrowArray* array
    cdef const uint8_t* valid
    cdef bint is_view
    cdef bint is_large
    # How many bytes a number has.
    cdef int width

    cdef int open(self, ArrowArray* array, bytes format, dict known, str what) except -1:
        cdef int64_t needed = known.get(format, -1)
        self.array = array
        self.is_view = format in (b"vu", b"vz")
        self.is_large = format in (b"U", b"Z")
        self.width = WIDTHS.get(format, 0)
        if needed < 0:
            shown = format.decode("utf-8", "replace")
            raise TypeError(f"{what}, not of the Arrow format {shown!r}")
        if array.n_buffers < needed or array.length < 0 or array.offset < 0:
            raise ValueError("the Arrow array is broken: its parts do not fit one another")
        if needed and array.length and array.buffers[1] == NULL:
            raise ValueError("the Arrow array is broken: a part is not there")
        self.valid = <const uint8_t*> array.buffers[0] if needed else NULL
        if not needed:
            self.array = NULL
        return 0

    cdef Text at(self, int64_t row) except *:
        cdef int64_t start, end
        cdef const unsigned char* view
        cdef int32_t size, buffer, place
        cdef Text text = Text(NULL, 0)
        if self.array == NULL:
            return text
        row += self.array.offset
        if not is_set(self.valid, row):
            return text
        if self.width:
            return Text(<const char*> self.array.buffers[1] + self.width * row, self.width)
        if self.is_view:
            view = <const unsigned char*> self.array.buffers[1] + 16 * row
            memcpy(&size, view, 4)
            if size < 0:
                raise ValueError("the Arrow array is broken: a text of less than nothing")
            text.size = size
            if size <= 12:
                text.data = <const char*> view + 4
                return text
            memcpy(&buffer, view + 8, 4)
            memcpy(&place, view + 12, 4)
            # Behind validity and views come the data, and at last their sizes.
            if buffer < 0 or place < 0 or buffer + 3 >= self.array.n_buffers:
                raise ValueError("the Arrow array is broken: a view of data that are not there")
            if place + <int64_t> size > (<const int64_t*> self.array.buffers[self.array.n_buffers - 1])[buffer]:
                raise ValueError("the Arrow array is broken: a view beyond its data")
            text.data = <const char*> self.array.buffers[2 + buffer] + place
            return text
        if self.is_large:
            start = (<const int64_t*> self.array.buffers[1])[row]
            end = (<const int64_t*> self.array.buffers[1])[row + 1]
        else:
            start = (<const int32_t*> self.array.buffers[1])[row]
            end = (<const int32_t*> self.array.buffers[1])[row + 1]
        if start < 0 or end < start:
            raise ValueError("the Arrow array is broken: a text that ends before it begins")
        text.size = end - start
        # An array of empty texts may have no data.
        if end == start:
            text.data = NOTHING
        elif self.array.buffers[2] == NULL:
            raise ValueError("the Arrow array is broken: a part is not there")
        else:
            text.data = <const char*> self.array.buffers[2] + start
        return text


@cython.final
@cython.auto_pickle(False)
cdef class _Indices:
    """The entries of a dictionary that the rows of an array stand for."""

    cdef ArrowArray* array
    cdef char kind
    cdef int64_t count

    cdef int open(self, ArrowSchema* schema, ArrowArray* array, str what) except -1:
        cdef bytes kind = schema.format
        if kind not in WIDTHS or array.n_buffers < 2 or array.dictionary == NULL:
            raise TypeError(f"{what}: the dictionary has no such places")
        if array.length < 0 or array.offset < 0 or array.length and array.buffers[1] == NULL:
            raise ValueError("the Arrow array is broken: its parts do not fit one another")
        self.array = array
        self.kind = kind[0]
        self.count = array.dictionary.length
        return 0

    cdef int64_t at(self, int64_t row) except -2:
        """-1 for a null."""
        cdef const void* indices = self.array.buffers[1]
        cdef int64_t entry
        row += self.array.offset
        if not is_set(<const uint8_t*> self.array.buffers[0], row):
            return -1
        if self.kind == b"c":
            entry = (<const int8_t*> indices)[row]
        elif self.kind == b"C":
            entry = (<const uint8_t*> indices)[row]
        elif self.kind == b"s":
            entry = (<const int16_t*> indices)[row]
        elif self.kind == b"S":
            entry = (<const uint16_t*> indices)[row]
        elif self.kind == b"i":
            entry = (<const int32_t*> indices)[row]
        elif self.kind == b"I":
            entry = (<const uint32_t*> indices)[row]
        else:
            entry = (<const int64_t*> indices)[row]
        if entry < 0 or entry >= self.count:
            raise ValueError("the Arrow array is broken: a place beyond its dictionary")
        return entry


@cython.final
@cython.auto_pickle(False)
cdef class _Codes:
    """A column as numbers: equal values have equal numbers, counted as they first occur. A null is a value too."""

    # The bytes of each value, None for the null.
    cdef list values
    cdef dict numbers
    cdef Turns turns
    cdef int64_t* codes
    cdef Py_ssize_t count
    cdef Py_ssize_t room

    def __cinit__(self, column, dict known, str what):
        cdef _Chunks chunks = _Chunks(column, what)
        self.values = []
        self.numbers = {}
        self.turns = Turns(0, clock())
        self.codes = NULL
        kinds = "text" if known is TEXTS else "text, bytes or whole numbers"
        wanted = f"{what} must be a column of {kinds}"
        while chunks.next():
            self.add_array(chunks.schema, chunks.array, known, wanted)

    def __dealloc__(self):
        PyMem_Free(self.codes)

    cdef int64_t number_of(self, Text text) except -1:
        self.turns.work += ITEM + text.size
        if self.turns.work >= TURN:
            give_way(&self.turns)
        value = None if text.data == NULL else PyBytes_FromStringAndSize(text.data, text.size)
        number = self.numbers.get(value)
        if number is None:
            number = self.numbers[value] = len(self.values)
            self.values.append(value)
        return number

    cdef int add_array(self, ArrowSchema* schema, ArrowArray* array, dict known, str wanted) except -1:
        cdef _Texts texts = _Texts()
        cdef _Indices indices
        cdef int64_t* codes
        cdef int64_t* of_entry = NULL
        cdef int64_t entry, room
        cdef Py_ssize_t row
        cdef Text null = Text(NULL, 0)
        if schema.dictionary == NULL:
            texts.open(array, schema.format, known, wanted)
        else:
            indices = _Indices()
            indices.open(schema, array, wanted)
            texts.open(array.dictionary, schema.dictionary.format, known, wanted)
        room_for(array.length, sizeof(int64_t))
        if array.length > self.room - self.count:
            room = max(<int64_t> self.count + array.length, <int64_t> self.room + self.room // 2)
            codes = <int64_t*> PyMem_Realloc(self.codes, room_for(room, sizeof(int64_t)))
            if codes == NULL:
                raise MemoryError()
            self.codes = codes
            self.room = <Py_ssize_t> room
        if schema.dictionary == NULL:
            for row in range(array.length):
                self.codes[self.count] = self.number_of(texts.at(row))
                self.count += 1
            return 0
        # The number of each entry is looked up once, when a row first has it.
        of_entry = <int64_t*> PyMem_Malloc(room_for(indices.count, sizeof(int64_t)))
        if of_entry == NULL:
            raise MemoryError()
        try:
            for row in range(indices.count):
                of_entry[row] = -1
            for row in range(array.length):
                entry = indices.at(row)
                if entry < 0:
                    self.codes[self.count] = self.number_of(null)
                else:
                    if of_entry[entry] < 0:
                        of_entry[entry] = self.number_of(texts.at(entry))
                    self.codes[self.count] = of_entry[entry]
                self.count += 1
        finally:
            PyMem_Free(of_entry)
        return 0


@cython.final
@cython.auto_pickle(False)
cdef class Column:
    """A column of whole numbers or of text that a :class:`KeyColumn` gives you. Any Arrow library takes it.

    Numbers have 64 bits, and text has 64-bit places. ``column[row]`` and ``list(column)`` work too.

    :ivar null_count: how many values are null.
    """

    cdef readonly Py_ssize_t null_count
    cdef Py_ssize_t count
    cdef int64_t* numbers
    cdef uint8_t* valid
    # What the numbers are places of. None for a column of numbers.
    cdef bytes text
    cdef const void* buffers[3]

    def __cinit__(self, Py_ssize_t room, /):
        self.numbers = <int64_t*> PyMem_Malloc(room_for(room, sizeof(int64_t)))
        self.valid = <uint8_t*> PyMem_Malloc(room // 8 + 1)
        if self.numbers == NULL or self.valid == NULL:
            raise MemoryError()
        memset(self.valid, 0, room // 8 + 1)

    def __dealloc__(self):
        PyMem_Free(self.numbers)
        PyMem_Free(self.valid)

    cdef void put(self, int64_t number, bint is_valid) noexcept:
        self.numbers[self.count] = number
        if is_valid:
            self.valid[self.count >> 3] |= 1 << (self.count & 7)
        else:
            self.null_count += 1
        self.count += 1

    cdef Column end(self, bytes text):
        """The column, when all is in it. Before that nobody sees it."""
        self.text = text
        self.buffers[0] = self.valid if self.null_count else NULL
        self.buffers[1] = self.numbers
        self.buffers[2] = <const char*> text if text is not None else NULL
        return self

    def __len__(self):
        return self.count

    def __getitem__(self, Py_ssize_t row):
        if not 0 <= row < self.count:
            raise IndexError(f"there is no row {row}")
        if not is_set(self.valid, row):
            return None
        if self.text is None:
            return self.numbers[row]
        return self.text[self.numbers[row]:self.numbers[row + 1]].decode("utf-8")

    def __arrow_c_schema__(self):
        """The type for an Arrow library: ``int64`` or ``large_utf8``."""
        return schema_of(b"l" if self.text is None else b"U")

    def __arrow_c_array__(self, requested_schema=None):
        """The values for an Arrow library, without a copy."""
        return self.__arrow_c_schema__(), array_of(self, self.count, self.null_count, 2 if self.text is None else 3,
                                                   self.buffers)


@cython.final
@cython.auto_pickle(False)
cdef class KeyColumn:
    """A column of sort keys, in the order of the versions it is made from. Any Arrow library takes it.

    Keys are binary, with 64-bit places. A null stays null. A version that its scheme refuses is null too, and
    `refused` and `reasons` have why.

    >>> import pyarrow
    >>> from vercmp import arrow
    >>> column = arrow.sort_keys(pyarrow.array(["1.10", None, "1 9", "1.9"]), scheme="dpkg")
    >>> len(column), column.null_count, [row for row, error in column.refused]
    (4, 2, [2])
    >>> pyarrow.array(column).type
    DataType(large_binary)
    >>> list(column.reasons)
    [None, 'no version', 'version string has embedded spaces', None]
    >>> list(column.argsort()), list(column.rank()), column.argmax()
    ([3, 0, 1, 2], [2, None, None, 1], 0)

    :ivar scheme: the name of the scheme. None where each row has its own.
    :ivar null_count: how many keys are null.
    :ivar refused: the row and the error of each version that is refused.
    :ivar reasons: why a row has no key, as a :class:`Column` of text, made when you ask. Null where it has one, and
        nowhere else. ``no version`` for a null, else the real tool's reason or what is wrong with the scheme.
    """

    cdef readonly str scheme
    cdef readonly list refused
    cdef readonly Py_ssize_t null_count
    # All keys are in the buffer of the first.
    cdef _Keys keys
    # The writers of each scheme that a row may have, an error where there is no such scheme.
    cdef list writers
    # Of each row, where each has a scheme of its own.
    cdef _Codes codes
    # The key of a row ends where that of the next begins.
    cdef int64_t* starts
    cdef uint8_t* valid
    cdef Py_ssize_t count
    cdef Py_ssize_t room
    cdef const void* buffers[3]

    def __cinit__(self, versions, str scheme, schemes, /):
        cdef _Chunks chunks
        self.scheme = scheme
        self.refused = []
        self.keys = _Keys(scheme, None) if scheme is None else _Keys(scheme, SCHEMES[scheme].sort_key)
        self.writers = []
        self.codes = None
        self.starts = NULL
        self.valid = NULL
        self.reserve(64)
        self.starts[0] = 0
        self.keys.reserve(1)
        if schemes is not None:
            self.codes = _Codes(schemes, TEXTS, "schemes")
            self.writers = [writer_named(name) for name in self.codes.values]
        if versions is not None:
            chunks = _Chunks(versions, "versions")
            while chunks.next():
                self.add_array(chunks.schema, chunks.array)
        if self.codes is not None and self.codes.count != self.count:
            raise ValueError(f"there are {self.count} versions and {self.codes.count} schemes")
        self.buffers[0] = self.valid if self.null_count else NULL
        self.buffers[1] = self.starts
        self.buffers[2] = self.keys.bytes

    def __dealloc__(self):
        PyMem_Free(self.starts)
        PyMem_Free(self.valid)

    cdef int reserve(self, int64_t more) except -1:
        """Make room for so many more rows."""
        cdef int64_t* starts
        cdef uint8_t* valid
        cdef int64_t room
        room_for(more, sizeof(int64_t))
        if more <= self.room - self.count:
            return 0
        room = max(<int64_t> self.count + more, <int64_t> self.room + self.room // 2)
        starts = <int64_t*> PyMem_Realloc(self.starts, room_for(room, sizeof(int64_t)))
        if starts == NULL:
            raise MemoryError()
        self.starts = starts
        valid = <uint8_t*> PyMem_Realloc(self.valid, <size_t> (room + 7) // 8)
        if valid == NULL:
            raise MemoryError()
        self.valid = valid
        self.room = <Py_ssize_t> room
        return 0

    cdef int add_array(self, ArrowSchema* schema, ArrowArray* array) except -1:
        cdef _Texts texts = _Texts()
        cdef Py_ssize_t row
        if schema.dictionary != NULL:
            return self.add_dictionary(schema, array)
        texts.open(array, schema.format, TEXTS, WANTED)
        self.reserve(array.length)
        for row in range(array.length):
            self.add(texts.at(row))
        return 0

    cdef int add_dictionary(self, ArrowSchema* schema, ArrowArray* array) except -1:
        """The key of each entry is made once, but where each row has a scheme of its own."""
        cdef _Texts texts = _Texts()
        cdef _Indices indices = _Indices()
        cdef KeyColumn entries
        cdef Py_ssize_t row
        cdef int64_t entry
        cdef Text null = Text(NULL, 0)
        indices.open(schema, array, WANTED)
        texts.open(array.dictionary, schema.dictionary.format, TEXTS, WANTED)
        self.reserve(array.length)
        if self.codes is not None:
            for row in range(array.length):
                entry = indices.at(row)
                self.add(texts.at(entry) if entry >= 0 else null)
            return 0
        entries = KeyColumn.__new__(KeyColumn, None, self.scheme, None)
        entries.add_array(schema.dictionary, array.dictionary)
        errors = dict(entries.refused)
        for row in range(array.length):
            entry = indices.at(row)
            if entry < 0 or not is_set(entries.valid, entry):
                if entry >= 0 and entry in errors:
                    self.refused.append((self.count, errors[entry]))
                self.end(0, False)
                continue
            self.keys.reserve(entries.starts[entry + 1] - entries.starts[entry])
            memcpy(self.keys.bytes + self.keys.size, entries.keys.bytes + entries.starts[entry],
                   entries.starts[entry + 1] - entries.starts[entry])
            self.end(entries.starts[entry + 1] - entries.starts[entry], True)
        return 0

    cdef int add(self, Text text) except -1:
        cdef Py_ssize_t length = -1
        cdef const char* reason = NULL
        cdef _Keys writer = self.keys
        if self.codes is not None:
            if self.count >= self.codes.count:
                raise ValueError(f"there are more versions than schemes, of which there are {self.codes.count}")
            found = self.writers[self.codes.codes[self.count]]
            if not isinstance(found, _Keys):
                if text.data != NULL:
                    self.refused.append((self.count, found))
                return self.end(0, False)
            writer = <_Keys> found
        if text.data == NULL:
            return self.end(0, False)
        if writer.asked and writer.write != NULL and is_ascii(text.data, text.size):
            self.keys.reserve(room_for_key(writer.factor, text.size))
            length = writer.write(<const unsigned char*> text.data, text.size, self.keys.bytes + self.keys.size, &reason)
        if length < 0:
            length = self.asked(writer, text)
        if length < 0:
            return self.end(0, False)
        return self.end(length, True)

    cdef Py_ssize_t asked(self, _Keys writer, Text text) except -2:
        """The key as sort_key makes it, for what is unusual. -1 where it refuses the version."""
        cdef bytes key
        try:
            version = PyUnicode_DecodeUTF8(text.data, text.size, NULL)
        except UnicodeDecodeError:
            shown = PyBytes_FromStringAndSize(text.data, text.size).decode("utf-8", "backslashreplace")
            self.refused.append((self.count, InvalidVersion(shown, self.scheme_of(self.count), "no UTF-8")))
            return -1
        try:
            key = writer.sort_key(version)
        except InvalidVersion as error:
            self.refused.append((self.count, error.with_traceback(None)))
            return -1
        writer.asked = True
        self.keys.reserve(len(key))
        memcpy(self.keys.bytes + self.keys.size, <const char*> key, len(key))
        return len(key)

    cdef int end(self, Py_ssize_t length, bint is_valid) except -1:
        """The end of a row, of which the key stands behind the others."""
        if self.count & 7 == 0:
            self.valid[self.count >> 3] = 0
        if is_valid:
            self.valid[self.count >> 3] |= 1 << (self.count & 7)
        else:
            self.null_count += 1
        self.count += 1
        self.keys.size += length
        self.starts[self.count] = self.keys.size
        self.keys.worked(ITEM + length)
        return 0

    cdef str scheme_of(self, Py_ssize_t row):
        """Of a row that has a scheme."""
        if self.codes is None:
            return self.scheme
        return scheme_named((<bytes> self.codes.values[self.codes.codes[row]]).decode("utf-8"))

    cdef int are_comparable(self, Py_ssize_t a, Py_ssize_t b) except -1:
        """Raises where the keys of two rows are of different schemes."""
        if self.codes is None or self.codes.codes[a] == self.codes.codes[b]:
            return 0
        first, second = self.scheme_of(a), self.scheme_of(b)
        if first != second:
            raise ValueError(
                f"versions of different schemes have no order: row {a} is of {first} and row {b} of {second}"
            )
        return 0

    cdef int compare(self, Py_ssize_t a, Py_ssize_t b) noexcept:
        """The order of two keys. None is the beginning of another."""
        cdef int64_t length = min(self.starts[a + 1] - self.starts[a], self.starts[b + 1] - self.starts[b])
        return memcmp(self.keys.bytes + self.starts[a], self.keys.bytes + self.starts[b], length)

    cdef _Order order(self, bint reverse):
        """The rows that have a key, in the order of these."""
        cdef _Order order = _Order()
        cdef Py_ssize_t row
        cdef Py_ssize_t before = -1
        order.make_room(self.count - self.null_count, reverse)
        for row in range(self.count):
            if is_set(self.valid, row):
                if before >= 0:
                    self.are_comparable(before, row)
                before = row
                order.take(row)
                self.keys.worked(ITEM)
        order.sort_all(self.keys.bytes, self.starts, self.keys.size)
        return order

    def argsort(self, *, bint reverse=False):
        """The rows in the order of their versions, as numbers that begin with 0.

        Equal versions keep their order, also with *reverse*. Rows without a key stand last in both directions, in their
        order.

        Raises :exc:`ValueError` where keys are of different schemes.
        """
        cdef _Order order = self.order(reverse)
        cdef Column rows = Column.__new__(Column, self.count)
        cdef Py_ssize_t i
        for i in range(order.count):
            rows.put(order.place(i), True)
        for i in range(self.count):
            if not is_set(self.valid, i):
                rows.put(i, True)
        return rows.end(None)

    def rank(self, str method="min"):
        """The place of each version, the lowest has 1. Equal versions have the same place. Null where there is no key.

        :param method: ``"min"`` counts every version that is lower, as ``rank()`` of SQL does. ``"dense"`` counts equal
            ones once, as ``dense_rank()`` does.

        Raises :exc:`ValueError` for another method, and where keys are of different schemes.
        """
        cdef _Order order
        cdef Column ranks
        cdef Py_ssize_t i
        cdef Py_ssize_t place = 0
        if method not in ("min", "dense"):
            raise ValueError(f"the method of ranks is 'min' or 'dense', not {method!a}")
        order = self.order(False)
        ranks = Column.__new__(Column, self.count)
        for i in range(self.count):
            ranks.put(0, is_set(self.valid, i))
        for i in range(order.count):
            if i == 0 or self.compare(order.place(i - 1), order.place(i)):
                place = i + 1 if method == "min" else place + 1
            ranks.numbers[order.place(i)] = place
        return ranks.end(None)

    def argmax(self):
        """The row of the greatest version, and of equal ones the first. None where there is no key.

        Rows without a key are left out.

        Raises :exc:`ValueError` where keys are of different schemes.
        """
        cdef Py_ssize_t row
        cdef Py_ssize_t greatest = -1
        for row in range(self.count):
            if is_set(self.valid, row):
                if greatest >= 0:
                    self.are_comparable(greatest, row)
                if greatest < 0 or self.compare(greatest, row) < 0:
                    greatest = row
                self.keys.worked(ITEM)
        return None if greatest < 0 else greatest

    def argmax_by(self, groups):
        """The row of the greatest version of each group, in the order in which groups first occur.

        A group of which no row has a key is not lost: it has its first row, whose key is null. Rows whose group is null
        are a group too.

        :param groups: a column of Arrow, as long as this one, of text, bytes or whole numbers, or a dictionary of these.

        Raises :exc:`TypeError` for a column of anything else, and :exc:`ValueError` where the lengths differ, and where
        keys of one group are of different schemes.
        """
        cdef _Codes codes = _Codes(groups, GROUPS, "groups")
        cdef Column rows
        cdef Py_ssize_t row
        cdef int64_t best
        if codes.count != self.count:
            raise ValueError(f"there are {self.count} versions and {codes.count} groups")
        rows = Column.__new__(Column, len(codes.values))
        for row in range(self.count):
            if codes.codes[row] == rows.count:
                rows.put(row, True)
                continue
            best = rows.numbers[codes.codes[row]]
            if is_set(self.valid, row):
                if not is_set(self.valid, best):
                    rows.numbers[codes.codes[row]] = row
                else:
                    self.are_comparable(best, row)
                    if self.compare(best, row) < 0:
                        rows.numbers[codes.codes[row]] = row
                self.keys.worked(ITEM)
        return rows.end(None)

    @property
    def reasons(self):
        """Why a row has no key."""
        cdef Column reasons = Column.__new__(Column, self.count)
        cdef Py_ssize_t row
        cdef list texts = []
        cdef int64_t size = 0
        cdef bytes text
        errors = dict(self.refused)
        for row in range(self.count):
            if is_set(self.valid, row):
                reasons.put(size, False)
                continue
            reasons.put(size, True)
            error = errors.get(row)
            if error is None:
                text = b"no version"
            else:
                shown = error.reason if isinstance(error, InvalidVersion) else str(error)
                text = shown.encode("utf-8", "backslashreplace")
            texts.append(text)
            size += len(text)
        reasons.numbers[self.count] = size
        return reasons.end(b"".join(texts))

    def __len__(self):
        return self.count

    def __getitem__(self, Py_ssize_t row):
        if not 0 <= row < self.count:
            raise IndexError(f"there is no row {row}")
        if not is_set(self.valid, row):
            return None
        return PyBytes_FromStringAndSize(<const char*> self.keys.bytes + self.starts[row],
                                         self.starts[row + 1] - self.starts[row])

    def __arrow_c_schema__(self):
        """The type for an Arrow library: binary with 64-bit places."""
        return schema_of(b"Z")

    def __arrow_c_array__(self, requested_schema=None):
        """The keys for an Arrow library, without a copy."""
        return self.__arrow_c_schema__(), array_of(self, self.count, self.null_count, 3, self.buffers)


cdef object writer_named(bytes name):
    """What writes the keys of a scheme, or the error that there is none."""
    if name is None:
        return UnknownScheme("", tuple(SCHEMES), "the scheme is null")
    try:
        scheme = scheme_named(name.decode("utf-8", "backslashreplace"))
    except UnknownScheme as error:
        return error.with_traceback(None)
    return _Keys(scheme, SCHEMES[scheme].sort_key)


cdef inline bint is_ascii(const char* data, Py_ssize_t size) noexcept nogil:
    cdef uint64_t eight
    cdef uint64_t all = 0
    cdef Py_ssize_t i = 0
    while i + 8 <= size:
        memcpy(&eight, data + i, 8)
        all |= eight
        i += 8
    while i < size:
        all |= <uint64_t> <uint8_t> data[i]
        i += 1
    return not all & <uint64_t> 0x8080808080808080ULL

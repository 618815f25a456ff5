# cython: language_level=3
"""Columns of versions into columns of keys, by the Arrow C data interface: no Python object for a row.

Any library that speaks the interface gives and takes them (pyarrow, Polars, DuckDB, pandas, nanoarrow), and none is
imported here. A column comes as an array or as a stream of arrays: UTF-8 with 32-bit or 64-bit places, views, and
dictionaries of these, of which each entry has its key once.

Source of the layout: the Arrow columnar format 1.5, *C data interface*, *C stream interface* and *PyCapsule interface*.
"""

cimport cython
from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.mem cimport PyMem_Free, PyMem_Malloc, PyMem_Realloc
from cpython.pycapsule cimport PyCapsule_GetPointer, PyCapsule_New
from cpython.ref cimport Py_DECREF, Py_INCREF, PyObject
from cpython.unicode cimport PyUnicode_DecodeUTF8
from libc.stdint cimport int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memcpy, memset, strcmp

from vercmp._engine cimport ITEM
from vercmp._sorting cimport _Keys

from vercmp.errors import InvalidVersion

cdef extern from *:
    """
    #ifndef ARROW_C_DATA_INTERFACE
    #define ARROW_C_DATA_INTERFACE
    struct ArrowSchema {
        const char* format; const char* name; const char* metadata; int64_t flags; int64_t n_children;
        struct ArrowSchema** children; struct ArrowSchema* dictionary;
        void (*release)(struct ArrowSchema*); void* private_data;
    };
    struct ArrowArray {
        int64_t length; int64_t null_count; int64_t offset; int64_t n_buffers; int64_t n_children;
        const void** buffers; struct ArrowArray** children; struct ArrowArray* dictionary;
        void (*release)(struct ArrowArray*); void* private_data;
    };
    #endif
    #ifndef ARROW_C_STREAM_INTERFACE
    #define ARROW_C_STREAM_INTERFACE
    struct ArrowArrayStream {
        int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
        int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
        const char* (*get_last_error)(struct ArrowArrayStream*);
        void (*release)(struct ArrowArrayStream*); void* private_data;
    };
    #endif
    """
    cdef struct ArrowSchema:
        const char* format
        const char* name
        const char* metadata
        int64_t flags
        int64_t n_children
        ArrowSchema** children
        ArrowSchema* dictionary
        void (*release)(ArrowSchema*) noexcept
        void* private_data

    cdef struct ArrowArray:
        int64_t length
        int64_t null_count
        int64_t offset
        int64_t n_buffers
        int64_t n_children
        const void** buffers
        ArrowArray** children
        ArrowArray* dictionary
        void (*release)(ArrowArray*) noexcept
        void* private_data

    cdef struct ArrowArrayStream:
        int (*get_schema)(ArrowArrayStream*, ArrowSchema*) noexcept
        int (*get_next)(ArrowArrayStream*, ArrowArray*) noexcept
        const char* (*get_last_error)(ArrowArrayStream*) noexcept
        void (*release)(ArrowArrayStream*) noexcept
        void* private_data

cdef enum:
    NULLABLE = 2  # ARROW_FLAG_NULLABLE

cdef const char* NOTHING = b""


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


cdef inline bint is_set(const uint8_t* bits, int64_t at) noexcept nogil:
    return bits == NULL or bits[at >> 3] >> (at & 7) & 1


@cython.final
@cython.auto_pickle(False)
cdef class _Texts:
    """The texts of an array: where each is."""

    cdef ArrowArray* array
    cdef const uint8_t* valid
    cdef bytes format

    cdef int open(self, ArrowArray* array, bytes format) except -1:
        cdef int64_t needed = {b"u": 3, b"U": 3, b"vu": 2, b"n": 0}.get(format, -1)
        self.array = array
        self.format = format
        if needed < 0:
            shown = format.decode("utf-8", "replace")
            raise TypeError(f"versions must be a column of text, not of the Arrow format {shown!r}")
        if array.n_buffers < needed or array.length < 0 or array.offset < 0:
            raise ValueError("the Arrow array is broken: its parts do not fit one another")
        self.valid = <const uint8_t*> array.buffers[0] if needed else NULL
        return 0

    cdef Text at(self, int64_t row) except *:
        cdef int64_t start, end
        cdef const unsigned char* view
        cdef int32_t size, buffer, place
        cdef Text text = Text(NULL, 0)
        row += self.array.offset
        if self.format == b"n" or not is_set(self.valid, row):
            return text
        if self.format == b"vu":
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
        if self.format == b"u":
            start = (<const int32_t*> self.array.buffers[1])[row]
            end = (<const int32_t*> self.array.buffers[1])[row + 1]
        else:
            start = (<const int64_t*> self.array.buffers[1])[row]
            end = (<const int64_t*> self.array.buffers[1])[row + 1]
        if start < 0 or end < start:
            raise ValueError("the Arrow array is broken: a text that ends before it begins")
        text.size = end - start
        # An array of empty texts may have no data.
        if end == start:
            text.data = NOTHING
        else:
            text.data = <const char*> self.array.buffers[2] + start
        return text


cdef int64_t index_at(ArrowArray* array, char kind, int64_t row) except? -2:
    """The entry of a dictionary that a row stands for. -1 for a null."""
    cdef const void* indices = array.buffers[1]
    row += array.offset
    if not is_set(<const uint8_t*> array.buffers[0], row):
        return -1
    if kind == b"c":
        return (<const int8_t*> indices)[row]
    if kind == b"C":
        return (<const uint8_t*> indices)[row]
    if kind == b"s":
        return (<const int16_t*> indices)[row]
    if kind == b"S":
        return (<const uint16_t*> indices)[row]
    if kind == b"i":
        return (<const int32_t*> indices)[row]
    if kind == b"I":
        return (<const uint32_t*> indices)[row]
    return (<const int64_t*> indices)[row]


@cython.final
@cython.auto_pickle(False)
cdef class KeyColumn:
    """A column of sort keys, in the order of the versions it is made from. Any Arrow library takes it.

    Keys are binary, with 64-bit places. A null stays null. A version that its scheme refuses is null too, and
    `refused` has why.

    >>> import pyarrow
    >>> from vercmp import arrow
    >>> column = arrow.sort_keys(pyarrow.array(["1.10", None, "1 9"]), scheme="dpkg")
    >>> len(column), column.null_count, [row for row, error in column.refused]
    (3, 2, [2])
    >>> pyarrow.array(column).type
    DataType(large_binary)

    :ivar scheme: the name of the scheme.
    :ivar null_count: how many keys are null.
    :ivar refused: the row and the error of each version that is refused.
    """

    cdef readonly str scheme
    cdef readonly list refused
    cdef readonly Py_ssize_t null_count
    cdef _Keys keys
    # The key of a row ends where that of the next begins.
    cdef int64_t* starts
    cdef uint8_t* valid
    cdef Py_ssize_t count
    cdef Py_ssize_t room
    cdef const void* buffers[3]

    def __cinit__(self, versions, str scheme, sort_key, /):
        self.scheme = scheme
        self.refused = []
        self.keys = _Keys(scheme, sort_key)
        self.starts = NULL
        self.valid = NULL
        self.reserve(64)
        self.starts[0] = 0
        self.keys.reserve(1)
        if versions is None:
            pass
        elif hasattr(versions, "__arrow_c_stream__"):
            self.add_stream(versions.__arrow_c_stream__())
        elif hasattr(versions, "__arrow_c_array__"):
            schema, array = versions.__arrow_c_array__()
            self.add_capsules(schema, array)
        else:
            raise TypeError(f"versions must be a column of Arrow, not {type(versions).__name__}")
        self.buffers[0] = self.valid if self.null_count else NULL
        self.buffers[1] = self.starts
        self.buffers[2] = self.keys.bytes

    def __dealloc__(self):
        PyMem_Free(self.starts)
        PyMem_Free(self.valid)

    cdef int reserve(self, Py_ssize_t room) except -1:
        cdef int64_t* starts
        cdef uint8_t* valid
        if room <= self.room:
            return 0
        room = max(room, self.room + self.room // 2)
        starts = <int64_t*> PyMem_Realloc(self.starts, (room + 1) * sizeof(int64_t))
        if starts == NULL:
            raise MemoryError()
        self.starts = starts
        valid = <uint8_t*> PyMem_Realloc(self.valid, (room + 7) // 8)
        if valid == NULL:
            raise MemoryError()
        self.valid = valid
        self.room = room
        return 0

    cdef int add_capsules(self, object schema, object array) except -1:
        self.add_array(<ArrowSchema*> PyCapsule_GetPointer(schema, b"arrow_schema"),
                       <ArrowArray*> PyCapsule_GetPointer(array, b"arrow_array"))
        return 0

    cdef int add_stream(self, object capsule) except -1:
        cdef ArrowArrayStream* stream = <ArrowArrayStream*> PyCapsule_GetPointer(capsule, b"arrow_array_stream")
        cdef ArrowSchema schema
        cdef ArrowArray array
        memset(&schema, 0, sizeof(schema))
        self.check(stream.get_schema(stream, &schema), stream)
        try:
            while True:
                memset(&array, 0, sizeof(array))
                self.check(stream.get_next(stream, &array), stream)
                if array.release == NULL:
                    return 0
                try:
                    self.add_array(&schema, &array)
                finally:
                    if array.release != NULL:
                        array.release(&array)
        finally:
            if schema.release != NULL:
                schema.release(&schema)
        return 0

    cdef int check(self, int status, ArrowArrayStream* stream) except -1:
        cdef const char* message
        if status:
            message = stream.get_last_error(stream)
            shown = message.decode("utf-8", "replace") if message != NULL else "the stream ends in an error"
            raise OSError(status, shown)
        return 0

    cdef int add_array(self, ArrowSchema* schema, ArrowArray* array) except -1:
        cdef _Texts texts = _Texts()
        cdef Py_ssize_t row
        if schema.dictionary != NULL:
            return self.add_dictionary(schema, array)
        texts.open(array, schema.format)
        self.reserve(self.count + array.length)
        for row in range(array.length):
            self.add(texts.at(row))
        return 0

    cdef int add_dictionary(self, ArrowSchema* schema, ArrowArray* array) except -1:
        """The key of each entry is made once."""
        cdef KeyColumn entries
        cdef Py_ssize_t row
        cdef int64_t entry
        cdef bytes kind = schema.format
        known = kind in (b"c", b"C", b"s", b"S", b"i", b"I", b"l", b"L")
        if not known or array.n_buffers < 2 or array.dictionary == NULL:
            raise TypeError("versions must be a column of text: the dictionary has no such places")
        entries = KeyColumn.__new__(KeyColumn, None, self.scheme, self.keys.sort_key)
        entries.add_array(schema.dictionary, array.dictionary)
        errors = dict(entries.refused)
        self.reserve(self.count + array.length)
        for row in range(array.length):
            entry = index_at(array, kind[0], row)
            if entry < -1 or entry >= entries.count:
                raise ValueError("the Arrow array is broken: a place beyond its dictionary")
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
        if text.data == NULL:
            return self.end(0, False)
        if is_ascii(text.data, text.size):
            length = self.keys.write_next(text.data, text.size)
        if length < 0:
            length = self.asked(text)
        if length < 0:
            return self.end(0, False)
        return self.end(length, True)

    cdef Py_ssize_t asked(self, Text text) except -2:
        """The key as sort_key makes it, for what is unusual. -1 where it refuses the version."""
        cdef bytes key
        try:
            version = PyUnicode_DecodeUTF8(text.data, text.size, NULL)
        except UnicodeDecodeError:
            shown = PyBytes_FromStringAndSize(text.data, text.size).decode("utf-8", "backslashreplace")
            self.refused.append((self.count, InvalidVersion(shown, self.scheme, "no UTF-8")))
            return -1
        try:
            key = self.keys.sort_key(version)
        except InvalidVersion as error:
            self.refused.append((self.count, error.with_traceback(None)))
            return -1
        self.keys.asked = True
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
        cdef ArrowSchema* schema = <ArrowSchema*> PyMem_Malloc(sizeof(ArrowSchema))
        if schema == NULL:
            raise MemoryError()
        memset(schema, 0, sizeof(ArrowSchema))
        schema.format = b"Z"
        schema.name = b""
        schema.flags = NULLABLE
        schema.release = release_schema
        return PyCapsule_New(schema, b"arrow_schema", free_schema)

    def __arrow_c_array__(self, requested_schema=None):
        """The keys for an Arrow library, without a copy."""
        cdef ArrowArray* array = <ArrowArray*> PyMem_Malloc(sizeof(ArrowArray))
        if array == NULL:
            raise MemoryError()
        memset(array, 0, sizeof(ArrowArray))
        array.length = self.count
        array.null_count = self.null_count
        array.n_buffers = 3
        array.buffers = self.buffers
        array.private_data = <void*> self
        array.release = release_array
        Py_INCREF(self)
        return self.__arrow_c_schema__(), PyCapsule_New(array, b"arrow_array", free_array)


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

# cython: language_level=3
"""Where Python strings meet a scheme's C functions: text to UTF-8, refusals to exceptions, batches to loops.

A scheme is two C functions over UTF-8. Both are linear and do not touch Python. They refuse a NUL, because the real
tools end there:

``compare_t(a, a_size, b, b_size, reason)``
    returns -1, 0 or 1. Or it returns ``REFUSED_A`` or ``REFUSED_B``, with the real tool's reason in ``reason[0]``.
``write_key_t(version, size, out, reason)``
    writes the sort key at *out* and returns its length, or -1 with ``reason[0]``.

The functions here are inline and name those directly, so that the C compiler joins both halves. A scheme's name is a C
string until somebody is refused: a Python constant belongs to the interpreter, and finding that of this one is a fifth
of a comparison.
"""

from cpython.bytes cimport PyBytes_FromStringAndSize
from cpython.exc cimport PyErr_CheckSignals, PyErr_Clear, PyErr_ExceptionMatches
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.string cimport memchr

from vercmp._room cimport room_for_key

cdef extern from *:
    """
    /* An ASCII string is its own UTF-8, without a call. Else as the C API: NULL and UnicodeEncodeError. */
    static inline const char* text_as_utf8(PyObject* text, Py_ssize_t* size)
    {
    #ifndef Py_LIMITED_API
        if (PyUnicode_IS_COMPACT_ASCII(text)) {
            *size = PyUnicode_GET_LENGTH(text);
            return (const char*) PyUnicode_1BYTE_DATA(text);
        }
    #endif
        return PyUnicode_AsUTF8AndSize(text, size);
    }

    /* The processor gets an item of a list ready, if there is one at the place: texts that were made apart lie apart,
       and waiting for each of them takes longer than its key. 128 bytes hold the texts of most versions. A macro:
       gcc drops the calls of a function that does nothing else. */
    #if defined(__GNUC__) && !defined(Py_LIMITED_API)
    #define FETCH(list, place) do { \
        if ((place) < PyList_GET_SIZE(list)) { \
            __builtin_prefetch((const char*) PyList_GET_ITEM(list, place)); \
            __builtin_prefetch((const char*) PyList_GET_ITEM(list, place) + 64); \
        } \
    } while (0)
    #else
    #define FETCH(list, place) ((void) 0)
    #endif

    static inline Py_ssize_t text_length(PyObject* text)
    {
    #ifndef Py_LIMITED_API
        return PyUnicode_GET_LENGTH(text);
    #else
        return PyUnicode_GetLength(text);
    #endif
    }
    """
    # The callers check for errors by hand, because a try block costs every call.
    const char* text_as_utf8(object text, Py_ssize_t* size)
    # Of a list that nobody else changes meanwhile.
    void FETCH(list items, Py_ssize_t place)
    # Of what is known to be text.
    Py_ssize_t text_length(object text)

cdef extern from "time.h" nogil:
    ctypedef long clock_t
    clock_t clock()
    const clock_t CLOCKS_PER_SEC

cdef struct Turns:
    # Work since the last look for signals, and when other threads had their turn.
    Py_ssize_t work
    clock_t since

ctypedef int (*compare_t)(const unsigned char* a, Py_ssize_t a_size, const unsigned char* b, Py_ssize_t b_size,
                          const char** reason) noexcept nogil
ctypedef Py_ssize_t (*write_key_t)(const unsigned char* version, Py_ssize_t size, unsigned char* out,
                                   const char** reason) noexcept nogil

cdef enum:
    REFUSED_A = 2
    REFUSED_B = 3
    # The longest key that is built on the stack. Real keys have 5 to 40 bytes.
    STACK_KEY = 512
    # Batches look for signals and waiting threads after so much work: a few milliseconds. An item without text counts.
    TURN = 1 << 21
    ITEM = 32
    # So many items further on, a text has come from memory when its turn comes.
    AHEAD = 8


cdef inline const char* text_refusal(const unsigned char* version, Py_ssize_t size) noexcept nogil:
    """Why the text is no version, whatever the rest of the rules. NULL where it may be one."""
    if size == 0:
        return b"empty version"
    if memchr(version, 0, size) != NULL:
        return b"NUL character"
    return NULL


cdef inline object refuse(object version, const char* scheme, const char* reason):
    from vercmp.errors import InvalidVersion
    raise InvalidVersion(version, scheme.decode("ascii"), reason.decode("ascii"))


cdef inline object refuse_text(object text, const char* scheme, const char* argument):
    """Raise for an object that is no text, or text that can be no version: the slow half of utf8()."""
    if not isinstance(text, str):
        raise TypeError(f"{argument.decode('ascii')} must be str, not {type(text).__name__}")
    refuse(text, scheme, b"lone surrogate")


cdef inline const unsigned char* utf8(object text, Py_ssize_t* size, const char* scheme, const char* argument) except NULL:
    """The text's own UTF-8, which lives as long as the text. TypeError or InvalidVersion where there is none."""
    cdef const char* data = NULL
    if isinstance(text, str):
        data = text_as_utf8(text, size)
        if data != NULL:
            return <const unsigned char*> data
        if not PyErr_ExceptionMatches(UnicodeEncodeError):
            return NULL  # out of memory
        PyErr_Clear()
    refuse_text(text, scheme, argument)


cdef inline int give_way(Turns* turns) except -1:
    """Between the items of a long batch: Ctrl-C raises here, and other threads get their turn.

    CPython makes way for a thread that has waited for 5 ms in vain, and each time the lock is let go of it waits anew.
    So that happens every 10 ms.
    """
    cdef clock_t now = clock()
    turns.work = 0
    PyErr_CheckSignals()
    # A clock of 32 bits starts again after half an hour, or is -1 from then on.
    if now < turns.since or now - turns.since >= CLOCKS_PER_SEC // 100 or now == -1:
        with nogil:
            pass
        turns.since = clock()
    return 0


cdef inline int compare(object a, object b, compare_t order, const char* scheme) except -9:
    cdef Py_ssize_t a_size = 0
    cdef Py_ssize_t b_size = 0
    cdef const char* reason = NULL
    cdef const unsigned char* a_data = utf8(a, &a_size, scheme, b"a")
    cdef const unsigned char* b_data = utf8(b, &b_size, scheme, b"b")
    cdef int result = order(a_data, a_size, b_data, b_size, &reason)
    if result >= REFUSED_A:
        refuse(a if result == REFUSED_A else b, scheme, reason)
    return result


cdef inline bytes key(object version, write_key_t write, Py_ssize_t factor, const char* scheme):
    """The key of one version. It has at most ``factor`` bytes for a byte of the version, plus 16."""
    cdef unsigned char stack[STACK_KEY]
    cdef unsigned char* out = stack
    cdef Py_ssize_t size = 0
    cdef Py_ssize_t length
    cdef const char* reason = NULL
    cdef const unsigned char* data = utf8(version, &size, scheme, b"version")
    cdef Py_ssize_t room = room_for_key(factor, size)
    if room > STACK_KEY:
        out = <unsigned char*> PyMem_Malloc(room)
        if out == NULL:
            raise MemoryError()
    try:
        length = write(data, size, out, &reason)
        if length < 0:
            refuse(version, scheme, reason)
        return PyBytes_FromStringAndSize(<const char*> out, length)
    finally:
        if out != stack:
            PyMem_Free(out)


cdef inline int compare_next(list lefts, list rights, Py_ssize_t i, compare_t order, const char* scheme,
                             Turns* turns) except -9:
    cdef object a = lefts[i]
    cdef object b = rights[i]
    FETCH(lefts, i + AHEAD)
    FETCH(rights, i + AHEAD)
    cdef int result = compare(a, b, order, scheme)
    turns.work += ITEM + text_length(a) + text_length(b)
    if turns.work >= TURN:
        give_way(turns)
    return result


cdef inline bytes next_key(list versions, Py_ssize_t i, write_key_t write, Py_ssize_t factor, const char* scheme,
                           Turns* turns):
    cdef object version = versions[i]
    FETCH(versions, i + AHEAD)
    cdef bytes result = key(version, write, factor, scheme)
    turns.work += ITEM + text_length(version)
    if turns.work >= TURN:
        give_way(turns)
    return result


cdef inline int refuse_one_text(object versions, const char* argument) except -1:
    """A string is an iterable of its characters, and each of these is a version: nobody means that."""
    if isinstance(versions, str):
        raise TypeError(f"{argument.decode('ascii')} must be an iterable of versions, not one str: put it into a list")
    return 0


cdef inline list compare_many(object lefts, object rights, compare_t order, const char* scheme):
    refuse_one_text(lefts, b"a")
    refuse_one_text(rights, b"b")
    cdef list a = list(lefts)
    cdef list b = list(rights)
    cdef Py_ssize_t i
    cdef Turns turns = Turns(0, clock())
    if len(a) != len(b):
        raise ValueError(f"a and b must be of one length, not {len(a)} and {len(b)}")
    return [compare_next(a, b, i, order, scheme, &turns) for i in range(len(a))]


cdef inline list keys(object versions, write_key_t write, Py_ssize_t factor, const char* scheme):
    refuse_one_text(versions, b"versions")
    cdef list listed = list(versions)
    cdef Py_ssize_t i
    cdef Turns turns = Turns(0, clock())
    return [next_key(listed, i, write, factor, scheme, &turns) for i in range(len(listed))]

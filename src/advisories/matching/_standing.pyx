# cython: language_level=3
"""The drafts of a part as numbers, and where a package stands among their fixes.

What a draft is has :mod:`advisories.matching.drafts`. Here are no texts: a fix is its place in the order of the versions,
and a draft is the places of its fixes. Every number is checked when they are handed over, whoever wrote them.
"""

cimport cython
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport int32_t
from libc.string cimport memcmp

cdef enum:
    NONE = -1
    # The branch of a fix that nobody has looked at yet, and one that no fix has.
    UNSEEN = -2
    ELSEWHERE = -3
    # Numbers of a draft, beside its fixes: where those begin, the place of the draft for what has reached the first of
    # them, the rank of its priority, and how many vulnerabilities name it.
    BEGIN = 0
    LATER = 1
    RANK = 2
    NAMED = 3
    WIDTH = 4
    # Of each kind: all together have less than the 2 GiB that an object has where addresses have 32 bits.
    MOST = 1 << 26
    RANKS = 3


@cython.final
@cython.auto_pickle(False)
cdef class Columns:
    """The numbers of a part's drafts. Raises :class:`ValueError` or :class:`TypeError` for what cannot be.

    :param keys: of the fixes, in their order.
    :param fixes: for each draft the places of its fixes, lowest first.
    :param later: for each draft the place of the one for a package that has reached its first fix, or None.
    :param cleared: for each draft the key that clears it where it has no fix, or None.
    :param ranks: for each draft the rank of its priority.
    :param rows: for each rank, for each of its vulnerabilities, the place of its draft.
    :param branch_of_fix: gives the branch of the fix at a place. None where the scheme has no branches.
    """

    cdef tuple _keys
    cdef tuple _cleared
    cdef object _branch_of_fix
    cdef dict _branches
    cdef tuple _firsts
    cdef Py_ssize_t _count
    cdef int32_t *_drafts
    cdef int32_t *_fixes
    cdef int32_t *_branch

    def __cinit__(
        self, keys, list fixes not None, list later not None, list cleared not None, list ranks not None, rows,
        branch_of_fix, /
    ):
        cdef Py_ssize_t count = len(fixes), total = 0, place, at
        cdef object one
        self._keys = tuple(keys)
        self._cleared = tuple(cleared)
        self._branch_of_fix = branch_of_fix
        self._branches = {None: NONE}
        self._count = count
        if not len(later) == len(cleared) == len(ranks) == count:
            raise ValueError("columns of other lengths")
        for one in fixes:
            total += len(one)
            if total >= MOST:
                break
        if count >= MOST or total >= MOST or len(self._keys) >= MOST:
            raise ValueError("more drafts than there can be")
        for one in self._keys:
            if type(one) is not bytes:
                raise TypeError("a key is no bytes")
        for place in range(1, len(self._keys)):
            if _compare(self._keys[place - 1], self._keys[place]) > 0:
                raise ValueError("the fixes are not in the order of their versions")
        self._drafts = <int32_t *>PyMem_Malloc((WIDTH * (count + 1) + total + len(self._keys)) * sizeof(int32_t))
        if self._drafts is NULL:
            raise MemoryError
        self._fixes = self._drafts + WIDTH * (count + 1)
        self._branch = self._fixes + total
        for place in range(len(self._keys)):
            self._branch[place] = UNSEEN
        at = 0
        for place in range(count):
            at = self._add(place, at, fixes[place], later[place], cleared[place], ranks[place])
        self._drafts[WIDTH * count + BEGIN] = <int32_t>at
        for place in range(count):
            self._check_later(place)
        self._name(rows)

    def __dealloc__(self):
        PyMem_Free(self._drafts)

    cdef Py_ssize_t _add(
        self, Py_ssize_t place, Py_ssize_t at, object fixes, object later, object cleared, object rank
    ) except -1:
        cdef int32_t *draft = self._drafts + WIDTH * place
        cdef Py_ssize_t last = -1, fix
        draft[BEGIN] = <int32_t>at
        draft[NAMED] = 0
        draft[RANK] = <int32_t>_number(rank, RANKS)
        draft[LATER] = NONE
        if later is not None:
            draft[LATER] = <int32_t>_number(later, self._count)
            if draft[LATER] <= place or not fixes:
                raise ValueError("a draft leads nowhere")
        if cleared is not None and (type(cleared) is not bytes or fixes):
            raise TypeError("a draft is cleared by what is no key")
        for one in fixes:
            fix = _number(one, len(self._keys))
            if fix <= last:
                raise ValueError("the fixes of a draft are not in order")
            self._fixes[at] = <int32_t>fix
            last = fix
            at += 1
        return at

    cdef int _check_later(self, Py_ssize_t place) except -1:
        """A draft leads to one of the same fixes without the first."""
        cdef Py_ssize_t later = self._drafts[WIDTH * place + LATER], begin, other, many
        if later != NONE:
            begin, other = self._begin(place) + 1, self._begin(later)
            many = self._begin(place + 1) - begin
            if self._begin(later + 1) - other != many or (
                memcmp(self._fixes + begin, self._fixes + other, many * sizeof(int32_t)) != 0
            ):
                raise ValueError("a draft leads to one of other fixes")
        return 0

    cdef int _name(self, object rows) except -1:
        """Count the vulnerabilities of each draft, which stand under its priority."""
        cdef Py_ssize_t rank = 0, draft
        firsts = {}
        for places in rows:
            for one in places:
                draft = _number(one, self._count)
                if self._drafts[WIDTH * draft + RANK] != rank:
                    raise ValueError("a vulnerability stands under another priority than its draft")
                if self._drafts[WIDTH * draft + NAMED] == 0:
                    firsts[one] = None
                self._drafts[WIDTH * draft + NAMED] += 1
            rank += 1
        if rank != RANKS:
            raise ValueError("there are other priorities")
        self._firsts = tuple(firsts)
        return 0

    cdef inline Py_ssize_t _begin(self, Py_ssize_t draft) noexcept:
        return self._drafts[WIDTH * draft + BEGIN]

    def stand(self, bytes key not None, branch, /):
        """Where a package stands whose version has this key and is of this branch.

        :returns: for each priority how many vulnerabilities it has, and of each draft that stands the place that rows
            name, the place of the draft for what the package has not reached, and the fix to name, -1 where there is
            none. None where the rules must decide.
        """
        cdef Py_ssize_t reached = self._reached(key), first, left, fix
        cdef Py_ssize_t counts[RANKS]
        counts[0] = counts[1] = counts[2] = 0
        found = []
        for one in self._firsts:
            first = one
            if self._begin(first) == self._begin(first + 1):
                cleared = self._cleared[first]
                if cleared is not None and _compare(<bytes>cleared, key) <= 0:
                    continue
                left, fix = first, NONE
            else:
                left = self._left(first, reached, key, branch)
                if left == NONE:
                    continue
                if left == UNSEEN:
                    return None
                fix = self._fix(left, branch)
            counts[self._drafts[WIDTH * left + RANK]] += self._drafts[WIDTH * first + NAMED]
            found.append((one, left, fix))
        return (counts[0], counts[1], counts[2]), found

    cdef Py_ssize_t _reached(self, bytes key) except -1:
        """How many of the fixes this key has reached."""
        cdef Py_ssize_t low = 0, high = len(self._keys), middle
        while low < high:
            middle = (low + high) // 2
            if _compare(<bytes>self._keys[middle], key) <= 0:
                low = middle + 1
            else:
                high = middle
        return low

    cdef Py_ssize_t _left(self, Py_ssize_t draft, Py_ssize_t reached, bytes key, object branch) except -4:
        """The draft for what the package has not reached (rule 8). NONE where what it has reached clears it, UNSEEN
        where the rules must decide.
        """
        cdef Py_ssize_t first
        while self._fixes[self._begin(draft + 1) - 1] >= reached:
            first = self._fixes[self._begin(draft)]
            if first >= reached:
                return draft
            if self._branch_of_fix is not None and (
                _compare(<bytes>self._keys[first], key) == 0 or self._is_of_branch(first, branch)
            ):
                return NONE
            draft = self._drafts[WIDTH * draft + LATER]
            if draft == NONE:
                return UNSEEN
        return NONE

    cdef Py_ssize_t _fix(self, Py_ssize_t draft, object branch) except -4:
        """The fix to name (rule 8): of deb and apk the highest, of rpm the first of its own branch, else the lowest."""
        cdef Py_ssize_t begin = self._begin(draft), end = self._begin(draft + 1), at
        if self._branch_of_fix is None:
            return self._fixes[end - 1]
        if end - begin > 1 and branch is not None:
            for at in range(begin, end):
                if self._is_of_branch(self._fixes[at], branch):
                    return self._fixes[at]
        return self._fixes[begin]

    cdef bint _is_of_branch(self, Py_ssize_t fix, object branch) except -1:
        # Threads without a lock of all Python would number two branches alike.
        with cython.critical_section(self):
            if self._branch[fix] == UNSEEN:
                # One that is new has the next number.
                self._branch[fix] = self._branches.setdefault(self._branch_of_fix(fix), len(self._branches))
            return self._branch[fix] == <int32_t>self._branches.get(branch, ELSEWHERE)

    def __sizeof__(self):
        return self.__class__.__basicsize__ + (
            (WIDTH * (self._count + 1) + self._begin(self._count) + len(self._keys)) * sizeof(int32_t)
        )


cdef int _compare(bytes one, bytes other) noexcept:
    cdef Py_ssize_t ours = len(one), theirs = len(other)
    cdef int order = memcmp(<char *>one, <char *>other, min(ours, theirs))
    return order if order != 0 else (ours > theirs) - (ours < theirs)


cdef Py_ssize_t _number(object value, Py_ssize_t end) except -1:
    """A number from 0 to before *end*. Raises for anything else."""
    cdef Py_ssize_t number
    if type(value) is not int:
        raise TypeError("a draft has another value where a number belongs")
    try:
        number = value
    except OverflowError:
        number = NONE
    if not 0 <= number < end:
        raise ValueError("a draft names what there is not")
    return number

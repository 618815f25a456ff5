"""The system call ``openat2`` of Linux 5.6 and later, which the standard library does not have, with
``RESOLVE_IN_ROOT``: a folder is the root of all names and links.

Source: openat2(2), and ``include/uapi/linux/openat2.h``.
"""

import errno
import os
import struct
import sys
from collections.abc import Callable
from functools import cache
from typing import Final

__all__ = ["is_there", "open_in_root"]

# The number of the call on these machines: all calls since Linux 5.1 have one number.
_NUMBER: Final = 437
_MACHINES: Final = ("x86_64", "i686", "aarch64", "armv7l", "ppc64le", "s390x", "riscv64", "loongarch64")
_NO_MAGIC_LINKS: Final = 0x02
_IN_ROOT: Final = 0x10
# Where another process renames folders, the kernel gives up a name with "..", and asks for another try.
_TRIES: Final = 20
_AGAIN: Final = (errno.EAGAIN, errno.EINTR)


def is_there(root: int) -> bool:
    """Whether the kernel has the call and lets it pass: a sandbox may answer that it is not permitted.

    :param root: a handle of a folder.
    """
    if sys.platform != "linux" or os.uname().machine not in _MACHINES:
        return False
    try:
        os.close(open_in_root(root, b".", os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC))
    except (OSError, ImportError, AttributeError):  # the last two: no ctypes, or a C library without syscall
        return False
    return True


def open_in_root(root: int, name: bytes, flags: int) -> int:
    """A handle of what is at a name. Raises OSError, as :func:`os.open` does.

    It is BlockingIOError where other processes rename folders all the time.

    :param root: a handle of the folder that neither the name nor a link in it leaves.
    """
    call, why = _call()
    if b"\0" in name:
        raise OSError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    how = _how(flags)
    for _ in range(_TRIES):
        handle = call(_NUMBER, root, name, how, len(how))
        if handle >= 0:
            return handle
        if why() not in _AGAIN:
            break
    raise OSError(why(), os.strerror(why()), name)


@cache
def _how(flags: int) -> bytes:
    """``struct open_how``: flags, mode, and how names are resolved."""
    # As the C library does for files of 2 GiB and more where addresses have 32 bits. A handle of a name takes none.
    large = 0 if flags & os.O_PATH else getattr(os, "O_LARGEFILE", 0)
    return struct.pack("=QQQ", flags | large, 0, _IN_ROOT | _NO_MAGIC_LINKS)


@cache
def _call() -> tuple[Callable[..., int], Callable[[], int]]:
    """The call, and the number of its last error in this thread."""
    import ctypes  # only where a folder is read

    call = ctypes.CDLL(None, use_errno=True).syscall
    call.argtypes = (ctypes.c_long, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_size_t)
    call.restype = ctypes.c_long
    return call, ctypes.get_errno

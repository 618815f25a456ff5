"""The most memory that a child process of a test took."""

__all__ = ["PEAK"]

#: Source that defines ``peak()``: bytes of this process's own. ``ru_maxrss`` begins with what the parent had, as the
#: child is forked from it, so a long run of tests would be counted in.
PEAK = """
def peak():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))
"""

"""A store of which few advisories have changed: what rests on them is worked out anew, and all else is copied.

The outcome is the file that compiling all of it makes, byte by byte. Advisories are numbered by id, entries by advisory
and packages by name, so that what stays between two changes keeps its distance: the database copies it with new
numbers, at some hundred nanoseconds a row. Python makes the rows of what has changed, and the drafts and the lint of
the packages that it is about. What others know of CVEs (EPSS, KEV, NVD) has a say in drafts alone: where only that has
changed, all else is copied, however many packages it is about.

A module is a step, in this order: :mod:`.completing`, :mod:`.numbering`, :mod:`.packages`, :mod:`.drawing`,
:mod:`.advisories`, :mod:`.entries`, :mod:`.drafts` and :mod:`.lint`, over :mod:`.changes` and :mod:`.pieces`.
:mod:`.update` takes them together.
"""

from advisories.store.updating.changes import Changes
from advisories.store.updating.update import update_store

__all__ = ["Changes", "update_store"]

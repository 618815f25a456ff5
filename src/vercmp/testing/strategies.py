"""hypothesis strategies for versions. Importing this module imports hypothesis."""

from vercmp._libraries import unusable
from vercmp.testing import random_versions
from vercmp.testing.orders import Order, find

try:
    from hypothesis import strategies as st
except Exception as error:
    raise unusable(error, "hypothesis", "hypothesis", "testing", "a strategy of vercmp.testing") from error

__all__ = ["nasty_versions", "version_pairs", "versions"]

_UNICODE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


def versions(scheme: str) -> st.SearchStrategy[str]:
    """Versions as packagers write them. The scheme's tool accepts each without a warning.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _plain(find(scheme))


def nasty_versions(scheme: str) -> st.SearchStrategy[str]:
    """Versions that nobody expects. The scheme's tool accepts each, perhaps with a warning.

    You get separators and empty parts, tildes and carets, letters and digits that C does not know, numbers beyond every
    machine word, long runs, control characters, and any other character of Unicode that the tool accepts. You never get
    a NUL or a lone surrogate.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _nasty(find(scheme))


def version_pairs(scheme: str) -> st.SearchStrategy[tuple[str, str]]:
    """Two versions that are near each other. The scheme's tool accepts both.

    They are a few edits apart, often one: a character, the next number, one token more, a slice twice, a leading zero,
    another separator, an epoch 0, or another way to write the same version. Both may be the same text.

    Raises :exc:`vercmp.UnknownScheme`.
    """
    return _pair(find(scheme))


# Nothing below is filtered, because a strict scheme would reject nearly all. A known version replaces what it rejects.


@st.composite
def _plain(draw: st.DrawFn, order: Order) -> str:
    return random_versions.accepted(order, _chooser(draw), nasty=False, valid_only=True)


@st.composite
def _nasty(draw: st.DrawFn, order: Order) -> str:
    choose = _chooser(draw)
    version = random_versions.accepted(order, choose, nasty=True, valid_only=False)
    how = choose(3)
    if how == 1:
        other = draw(st.text(order.alphabet, max_size=24))
    elif how == 2:
        at = choose(len(version) + 1)
        other = version[:at] + draw(_UNICODE) + version[at:]
    else:
        return version
    return other if random_versions.acceptable(other, order, valid_only=False) else version


@st.composite
def _pair(draw: st.DrawFn, order: Order) -> tuple[str, str]:
    family = random_versions.family(order, _chooser(draw), 3, valid_only=False)
    return family[0], family[-1]


def _chooser(draw: st.DrawFn) -> random_versions.Choose:
    return lambda count: draw(st.integers(0, count - 1))

"""What an exploit needs and gains by its CVSS vector, in the terms of the priority table, and its base score.

The library ``cvss`` parses and scores vectors. It is loaded when the first one is met. The metrics are those of the
specifications by FIRST: https://www.first.org/cvss/v4-0/specification-document and its earlier versions.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from advisories.models.frozen import frozen

if TYPE_CHECKING:
    import cvss

__all__ = ["Exploit", "exploit_of"]

# Metrics' values in falling order of harm: what v2 calls complete counts as high, partial as low.
_V2_IMPACT: Final = {"C": "H", "P": "L", "N": "N"}
_V2_PRIVILEGES: Final = {"N": "N", "S": "L", "M": "H"}
_V4_BASE: Final = ("AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA")


@frozen
class Exploit:
    """What an exploit needs and gains.

    :ivar version: of CVSS: 2, 3 or 4.
    :ivar network: it comes over a network, an adjacent one included. Otherwise somebody is at the machine.
    :ivar easy: nothing has to be learnt, awaited or changed first.
    :ivar privileges: needed before: ``N``, ``L`` or ``H``.
    :ivar interaction: a user has to take part.
    :ivar scope_changed: it reaches beyond the vulnerable component.
    :ivar confidentiality: lost: ``H``, ``L`` or ``N``, and so
    :ivar integrity: and
    :ivar availability:
    :ivar full: control of the component as a whole.
    :ivar score: the base score, 0.0 to 10.0.
    """

    version: int
    network: bool
    easy: bool
    privileges: str
    interaction: bool
    scope_changed: bool
    confidentiality: str
    integrity: str
    availability: str
    full: bool
    score: float


@lru_cache(maxsize=65536)
def exploit_of(vector: str) -> Exploit | None:
    """The exploit that a vector of CVSS 2.0, 3.0, 3.1 or 4.0 describes. None for a text that is no valid vector.

    Source: the specifications of CVSS by FIRST define the metrics. The guide on priorities maps v2 and v4.
    """
    import cvss

    text = vector.strip().rstrip("/")
    try:
        if text.startswith("CVSS:4.0/"):
            return _of_v4(cvss.CVSS4(text))
        if text.startswith("CVSS:3."):
            return _of_v3(cvss.CVSS3(text))
        bare = text.removeprefix("CVSS2#").removeprefix("CVSS:2.0/").removeprefix("(").removesuffix(")")
        return _of_v2(cvss.CVSS2(bare)) if bare.startswith("AV:") else None
    except cvss.CVSSError:
        return None


def _of_v2(parsed: "cvss.CVSS2") -> Exploit:
    metrics = parsed.metrics
    gains = [_V2_IMPACT[metrics[name]] for name in ("C", "I", "A")]
    return Exploit(
        version=2,
        network=metrics["AV"] in "NA",
        easy=metrics["AC"] == "L",
        privileges=_V2_PRIVILEGES[metrics["Au"]],
        interaction=False,
        scope_changed=False,
        confidentiality=gains[0],
        integrity=gains[1],
        availability=gains[2],
        full="N" not in gains,
        score=float(parsed.base_score),
    )


def _of_v3(parsed: "cvss.CVSS3") -> Exploit:
    metrics = parsed.metrics
    gains = [metrics[name] for name in ("C", "I", "A")]
    return Exploit(
        version=3,
        network=metrics["AV"] in "NA",
        easy=metrics["AC"] == "L",
        privileges=metrics["PR"],
        interaction=metrics["UI"] != "N",
        scope_changed=metrics["S"] == "C",
        confidentiality=gains[0],
        integrity=gains[1],
        availability=gains[2],
        full=gains == ["H"] * 3,
        score=float(parsed.base_score),
    )


def _of_v4(parsed: "cvss.CVSS4") -> Exploit:
    metrics = parsed.metrics
    base = "/".join(["CVSS:4.0", *[f"{name}:{metrics[name]}" for name in _V4_BASE]])
    if parsed.vector != base:
        # The library scores all metrics of a v4 vector: leave the base metrics alone.
        import cvss

        parsed = cvss.CVSS4(base)
    gains = [metrics[name] for name in ("VC", "VI", "VA")]
    return Exploit(
        version=4,
        network=metrics["AV"] in "NA",
        easy=metrics["AC"] == "L" and metrics["AT"] == "N",
        privileges=metrics["PR"],
        interaction=metrics["UI"] != "N",
        scope_changed="H" in (metrics["SC"], metrics["SI"], metrics["SA"]) or "S" in (metrics["MSI"], metrics["MSA"]),
        confidentiality=gains[0],
        integrity=gains[1],
        availability=gains[2],
        full=gains == ["H"] * 3,
        score=float(parsed.base_score),
    )

"""``verify``: what became of the findings of an earlier match, each told with its reason, and what is new. Pure."""

from advisories.verification.baseline import Baseline, EarlierFinding
from advisories.verification.cases import CASES, Case, FindingState
from advisories.verification.verifying import Verification, Verified, verify

__all__ = ["CASES", "Baseline", "Case", "EarlierFinding", "FindingState", "Verification", "Verified", "verify"]

"""Installed packages against advisories: the rules, in order."""

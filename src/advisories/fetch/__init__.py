"""Advisories as publishers have them, brought into a folder of yours. Nothing else opens a connection."""

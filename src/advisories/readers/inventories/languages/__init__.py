"""Packages of languages in a root file system: what they leave on disk, one module a language.

:mod:`.registry` lists the modules, :mod:`.scan` finds their files.
"""

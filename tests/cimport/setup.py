"""Builds newest.pyx against an installed vercmp."""

from Cython.Build import cythonize
from setuptools import setup

setup(name="newest", ext_modules=cythonize("newest.pyx", language_level=3))

"""Python finds this file only where the compiled module of its name is missing."""

from vercmp._uncompiled import not_compiled

raise not_compiled(__name__, __file__)

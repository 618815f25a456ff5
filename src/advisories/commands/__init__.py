"""The commands of ``advisories``, one module each, and what they share: the terminal, and what they are asked."""

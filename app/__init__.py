"""Alur: the SOPs of an Indonesian government office, run."""

"""Figures and the trail over all that somebody sees: read from tables alone, never by loading a process."""

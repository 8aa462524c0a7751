"""Which version of Alur this is."""

from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def version_of_alur() -> str:
    """Return the version of the installed package; empty where the sources run without being installed."""
    try:
        return version("alur")
    except PackageNotFoundError:
        return ""

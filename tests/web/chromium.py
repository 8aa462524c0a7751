"""The Chromium that the tests look through: that of the system, or the one that Playwright has fetched.

`python -m tests.web.chromium` prints where it is; `make test` asks so, and installs one where it may.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
REMEDY = "sudo apt-get install -y --no-install-recommends chromium"
# No name is looked up but our own address: whatever a page asks from elsewhere fails as it does in an office without
# the internet.
_NOWHERE_ELSE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# Every new window of Chromium draws two pages for the list below its address bar, and keeps a process ready for a page
# of another site: more work than opening the window itself, and nobody sees either. Chromium heeds the last such list
# alone, so what Playwright leaves out of the pages themselves stands here again.
_LEFT_OUT = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "SpareRendererForSitePerProcess",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)


class NoChromium(Exception):
    """No Chromium was found."""

    def __init__(self) -> None:
        super().__init__(
            f"The pages are tested in Chromium, and none is here ({', '.join(_NAMES)} on PATH, or Playwright's own). "
            f"Install it: {REMEDY}"
        )


def find_chromium(playwright: Playwright) -> Path:
    """Return the program to run.

    Raises:
        NoChromium: there is none; it says how to get one.
    """
    for name in _NAMES:
        if found := shutil.which(name):
            return Path(found)
    own = Path(playwright.chromium.executable_path)
    if own.is_file():
        return own
    raise NoChromium


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """Run Chromium without a window and without the internet.

    Raises:
        NoChromium: there is none; it says how to get one.
    """
    # Chromium's sandbox cannot be had by root, who in a container is the only user.
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    asked = [_NOWHERE_ELSE, "--force-color-profile=srgb", f"--disable-features={','.join(_LEFT_OUT)}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=[*sandbox, *asked])
        yield browser
        browser.close()


def main() -> None:
    """Run the command."""
    with sync_playwright() as playwright:
        try:
            print(find_chromium(playwright))
        except NoChromium as error:
            sys.exit(str(error))


if __name__ == "__main__":
    main()

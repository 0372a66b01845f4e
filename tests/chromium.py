"""The browser of the browser tests: found, and where it is missing installed, so that no test is left out.

`python -m tests.chromium` does both, and says plainly what to install where it cannot.
"""

import os
import shutil
import subprocess
import sys
from typing import Any

from playwright.sync_api import sync_playwright

# Root in a container has no sandbox; the rest keeps Chromium from calling home.
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_DEBIAN_PACKAGES = ("chromium", "fonts-dejavu-core", "libatomic1")  # the last for Playwright itself


def launch_options() -> dict[str, Any]:
    """What Playwright's `chromium.launch` takes: the browser named by CHROMIUM, the system's, or its own."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    return {"args": list(ARGUMENTS)} | ({"executable_path": found} if found else {})


def problem() -> str:
    """Why the browser does not start, in the words of whoever failed; empty when it does."""
    command = [sys.executable, "-m", "tests.chromium", "--start"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip() or "It gives no reason."


def install() -> str:
    """Installs it, from Debian's packages as root, else the one that Playwright brings; the problem left."""
    root = os.geteuid() == 0
    if root and shutil.which("apt-get"):
        _try("apt-get", "update", "-q")
        _try("apt-get", "install", "-q", "-y", "--no-install-recommends", *_DEBIAN_PACKAGES)
        if not problem():
            return ""
    _try(sys.executable, "-m", "playwright", "install", *(["--with-deps"] if root else []), "chromium")
    return problem()


def _try(*command: str) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env, check=False)


def main(arguments: list[str]) -> int:
    """0 when the browser starts, installed now or before; else 1, with what to do."""
    if arguments == ["--start"]:
        with sync_playwright() as playwright:
            playwright.chromium.launch(**launch_options()).close()
        return 0
    if not problem():
        return 0
    sys.stderr.write("The browser tests need Chromium, which does not start here: installing it ...\n")
    if not (left := install()):
        return 0
    sys.stderr.write(
        f"{left}\n\nChromium does not start here, for the reason above, and could not be installed. Install it "
        "(on Debian and Ubuntu as root: apt-get install chromium), or set CHROMIUM to the path of a Chromium or "
        "Chrome, and run this again.\n"
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))

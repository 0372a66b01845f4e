"""The browser of the browser tests: found, and where it is missing installed, so that no test is left out.

`python -m tests.chromium` does both, and says plainly what to install where it cannot.
"""

import os
import shutil
import subprocess
import sys

from playwright.sync_api import Error, sync_playwright

# Root in a container has no sandbox; the rest keeps Chromium from calling home.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def launch_options() -> dict[str, object]:
    """What Playwright's `chromium.launch` takes: the browser named by CHROMIUM, the system's, or its own."""
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, _NAMES)), None)
    return {"args": list(ARGUMENTS)} | ({"executable_path": found} if found else {})


def starts() -> bool:
    """Whether the browser really starts, with all the libraries that it needs."""
    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(**launch_options()).close()  # type: ignore[arg-type]
        except Error:
            return False
    return True


def install() -> None:
    """Installs it: from Debian's packages as root, else the one that Playwright brings. May fail; see `starts`."""
    root = os.geteuid() == 0
    if root and shutil.which("apt-get"):
        _try(["apt-get", "update", "-q"])
        _try(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-dejavu-core"])
        if starts():
            return
    _try([sys.executable, "-m", "playwright", "install", *(["--with-deps"] if root else []), "chromium"])


def _try(command: list[str]) -> None:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env, check=False)


def main() -> int:
    """0 when the browser starts, installed now or before; else 1, with what to do."""
    if starts():
        return 0
    sys.stderr.write("The browser tests need Chromium; installing it.\n")
    install()
    if starts():
        return 0
    sys.stderr.write(
        "Chromium does not start here and could not be installed. Install it (on Debian: `apt-get install "
        "chromium` as root), or set CHROMIUM to the path of a Chromium or Chrome, and run this again.\n"
    )
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

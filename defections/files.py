"""Files as they are taken: recognised by their content, rebuilt without metadata, refused when they could do harm.

An image is decoded and encoded anew; of a PDF only the pages are kept, and none that is encrypted or acts. That is
done in a process of its own for each file (see rebuilding.bounds): the site itself decodes nothing that was sent.
"""

import logging
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from defections.errors import BadFile
from defections.rebuilding import bounds

MOST_BYTES = 8 * 1024 * 1024
_MOST_SECONDS = 30  # from the beginning to the end, however busy the machine is
_MOST_WAITING = 60  # seconds for one's turn
_turns = BoundedSemaphore(2)  # files at a time in one process of the site
_FOLDER = Path(__file__).resolve().parent.parent
_logger = logging.getLogger(__name__)
PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}


@dataclass(frozen=True)
class Clean:
    """A file that can be kept."""

    media_type: str
    content: bytes


def clean(content: bytes) -> Clean:
    """The file rebuilt without metadata. Raises BadFile with a sentence for whoever sent it."""
    if not content:
        raise BadFile(_("The file is empty."))
    if len(content) > MOST_BYTES:
        raise too_big()
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Clean(PNG, _rebuilt("images", content))
    if content.startswith(b"\xff\xd8\xff"):
        return Clean(JPEG, _rebuilt("images", content))
    if b"%PDF-" in content[:1024]:
        return Clean(PDF, _rebuilt("pdfs", content))
    raise BadFile(
        _("The file must be a PDF, a JPEG or a PNG. This one is something else, whatever it is called.")
    )


def too_big() -> BadFile:
    """What to say of a file over MOST_BYTES."""
    return BadFile(_("The file must be smaller than %(n)d MB.") % {"n": MOST_BYTES // 1024 // 1024})


def clean_name(name: str, media_type: str) -> str:
    """A name to keep a file by: no folders, nothing that is not a letter, digit or plain mark, the right ending."""
    base = re.split(r"[\\/]", name)[-1]
    stem = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", base)
    plain = " ".join(re.sub(r"[^\w .()-]", "", stem).split()).strip(". ")[:100]
    return (plain or "file") + ENDINGS[media_type]


_PDF_ANEW = gettext_lazy("The PDF is too complicated. Print it to a new PDF first.")
_SENTENCES: dict[tuple[str, str], Promise] = {
    ("images", bounds.DAMAGED): gettext_lazy(
        "The image is damaged: it cannot be opened. Try to save it anew."
    ),
    ("images", bounds.PIXELS): gettext_lazy("The image is too large: use one of at most 40 million pixels."),
    ("images", bounds.TOO_MUCH): gettext_lazy(
        "The image is too large to be opened here: save it with fewer pixels, or as a JPEG."
    ),
    ("pdfs", bounds.DAMAGED): gettext_lazy(
        "The PDF is damaged: it cannot be opened. Try to print it to a new PDF."
    ),
    ("pdfs", bounds.COMPLICATED): _PDF_ANEW,
    ("pdfs", bounds.TOO_MUCH): _PDF_ANEW,
    ("pdfs", bounds.PASSWORD): gettext_lazy("The PDF is protected by a password. Save it without one first."),
    ("pdfs", bounds.ACTS): gettext_lazy(
        "The PDF holds a script, a file or an action of its own. Print it to a new PDF first."
    ),
    ("pdfs", bounds.PAGES): gettext_lazy("The PDF must have between 1 and 100 pages."),
}


def _rebuilt(what: str, content: bytes) -> bytes:
    """What `rebuilding.<what>` makes of the file. Raises BadFile, also where the process ends in any other way."""
    if not _turns.acquire(timeout=_MOST_WAITING):
        raise BadFile(_("Many files are coming in at the moment. Try again in a few minutes."))
    try:
        refusal, made = _asked(what, content)
    finally:
        _turns.release()
    if refusal:
        raise BadFile(str(_SENTENCES.get((what, refusal), _SENTENCES[what, bounds.TOO_MUCH])))
    return made


def _asked(what: str, content: bytes) -> tuple[str, bytes]:
    """The refusal, or "" and the file; `bounds.TOO_MUCH` for a process that was stopped or fell over."""
    command = [sys.executable, "-sB", "-m", f"defections.rebuilding.{what}"]
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_MOST_SECONDS,
            cwd=_FOLDER,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        return bounds.TOO_MUCH, b""
    sign, said = done.stdout[:1], done.stdout[1:]
    if done.returncode == 0 and sign == b"+":
        return "", said
    if done.returncode == 0 and sign == b"-":
        return said.decode("ascii", "replace"), b""
    _logger.warning("A file that was sent ended the process that opened it: %s", done.returncode)
    return bounds.TOO_MUCH, b""

"""A picture of an invented form on paper, as a scanner makes it: drawn anew each time, so that no file is kept."""

import io

from PIL import Image, ImageDraw, ImageFont

from harmony.demonstration.applicants import Applicant

_SIZE = (620, 877)  # A4 at 75 dots an inch
_PAPER, _PRINT, _INK, _LINE = 246, 60, 20, 150
_LEFT = 56


def of(who: Applicant) -> bytes:
    """The form of this applicant, filled in and signed, as a JPEG; it says that it is a sample."""
    sheet = Image.new("L", _SIZE, _PAPER)
    draw = ImageDraw.Draw(sheet)
    small, text, head = (ImageFont.load_default(size) for size in (12, 17, 24))
    draw.text((_LEFT, 48), "Harmony Party: Defection Form", _PRINT, head)
    draw.text((_LEFT, 82), "Sample for the demonstration. Nobody of this name is meant.", _PRINT, small)
    given = (
        ("Full name", who.name),
        ("Address", f"{who.street}, {who.town}, {who.postcode}"),
        ("Office held", f"{who.body}, {who.area}"),
        ("Present party", who.party or "Independent"),
        ("Employment", ", ".join(who.job)),
        ("I will seek to adhere to the Four Principles", "yes"),
        ("I will follow Party Consensus", "yes"),
        ("I will keep private accounts private", "yes"),
    )
    for number, (label, answer) in enumerate(given):
        top = 130 + 72 * number
        draw.text((_LEFT, top), label, _PRINT, small)
        draw.text((_LEFT + 6, top + 22), answer, _INK, text)
        draw.line((_LEFT, top + 48, _SIZE[0] - _LEFT, top + 48), _LINE)
    draw.text((_LEFT, 730), "Signed", _PRINT, small)
    draw.line([(_LEFT + 12 * step, 780 + (-1) ** step * (26 - 2 * step)) for step in range(12)], _INK, 2)
    made = io.BytesIO()
    sheet.rotate(0.6, fillcolor=225).save(made, "JPEG", quality=60)
    return made.getvalue()

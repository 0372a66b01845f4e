"""Photos and scans as JPEG or PNG: decoded and encoded anew."""

import io

from PIL import Image, ImageOps

from defections.rebuilding.bounds import PIXELS, Refused, answer

MOST_PIXELS = 40_000_000
_MANY_PIXELS = 12_000_000  # a photo of more is decoded at half its size or less


def image(content: bytes) -> bytes:
    """Decodes and encodes: neither the place where a photo was taken nor anything behind the image comes along.

    A JPEG or a PNG gives one again. Raises Refused, and whatever the decoder raises.
    """
    kind = "JPEG" if content.startswith(b"\xff\xd8\xff") else "PNG"
    try:
        bare = _decoded(content, kind)
    except Image.DecompressionBombError:
        raise Refused(PIXELS) from None
    bare.info.clear()
    out = io.BytesIO()
    bare.save(out, kind, quality=88) if kind == "JPEG" else bare.save(out, kind)
    return out.getvalue()


def _decoded(content: bytes, kind: str) -> Image.Image:
    """The picture, upright, in as few copies as it takes."""
    with Image.open(io.BytesIO(content), formats=[kind]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise Refused(PIXELS)
        if kind == "JPEG":
            _draft(opened)
        opened.load()
        ImageOps.exif_transpose(opened, in_place=True)
        plain = _of_eight_bits(opened)
        mode = _mode_of(plain)
        return plain if plain.mode == mode else plain.convert(mode)


def _draft(opened: Image.Image) -> None:
    """Has a large photo decoded at a half, a quarter or an eighth of its size: what it shows can be read as well."""
    divisor = 1
    while opened.width * opened.height > _MANY_PIXELS * divisor**2:
        divisor *= 2
    if divisor > 1:
        opened.draft(None, (opened.width // divisor, opened.height // divisor))


def _mode_of(image: Image.Image) -> str:
    """Grey, colour, or colour that lets something through: as few bytes a pixel as it takes."""
    if "A" in image.getbands() or "transparency" in image.info:
        return "RGBA"
    return "L" if image.mode in ("1", "L") else "RGB"


def _of_eight_bits(image: Image.Image) -> Image.Image:
    """A grey image of 16 bits, as some scanners make, scaled to 8: converting it would clip nearly all to white."""
    if not image.mode.startswith("I"):
        return image
    return image.point(lambda value: value / 257).convert("L")


if __name__ == "__main__":
    answer(image)

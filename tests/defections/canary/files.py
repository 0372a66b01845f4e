"""Files that carry a marker in every place that a file has for words: name, metadata, comments, and its text."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from tests.defections.canary.markers import Given

_DESCRIPTION, _ARTIST, _COPYRIGHT, _GPS = 0x010E, 0x013B, 0x8298, 0x8825


def jpeg(given: Given) -> SimpleUploadedFile:
    """A photo with a description, an artist, a place, and a comment."""
    exif = Image.Exif()
    for tag in (_DESCRIPTION, _ARTIST, _COPYRIGHT):
        exif[tag] = given("jpeg exif")
    exif.get_ifd(_GPS)[0x001D] = given("jpeg exif")
    out = io.BytesIO()
    comment = given("jpeg comment").encode()
    Image.new("RGB", (32, 24), "teal").save(out, "JPEG", exif=exif, comment=comment)
    return SimpleUploadedFile(f"{given('jpeg name')}.jpg", out.getvalue(), "image/jpeg")


def png(given: Given) -> SimpleUploadedFile:
    """A picture with texts."""
    info = PngInfo()
    info.add_text("Author", given("png text"))
    info.add_itxt("Comment", given("png text"), zip=True)
    out = io.BytesIO()
    Image.new("RGB", (32, 24), "maroon").save(out, "PNG", pnginfo=info)
    return SimpleUploadedFile(f"{given('png name')}.png", out.getvalue(), "image/png")


def pdf(given: Given) -> SimpleUploadedFile:
    """A page with a text, an author, a title, and a metadata stream."""
    writer = PdfWriter()
    page = writer.add_blank_page(200, 200)
    font = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        }
    )
    fonts = DictionaryObject({NameObject("/F1"): font})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    shown = DecodedStreamObject()
    shown.set_data(f"BT /F1 12 Tf 20 100 Td ({given('pdf text')}) Tj ET".encode())
    page[NameObject("/Contents")] = writer._add_object(shown)
    writer.add_metadata({"/Author": given("pdf info"), "/Title": given("pdf info")})
    out = io.BytesIO()
    writer.write(out)
    return SimpleUploadedFile(f"{given('pdf name')}.pdf", out.getvalue(), "application/pdf")


def refused(word: str) -> SimpleUploadedFile:
    """A file that is not taken; its name and what is in it are a word."""
    return SimpleUploadedFile(f"{word}.exe", b"MZ" + word.encode(), "application/pdf")

"""PDFs: of one that neither acts nor hides anything, the pages are kept."""

import io
import zlib
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf._configuration import apply_configuration
from pypdf.filters import FlateDecode
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NameObject, StreamObject

from defections.rebuilding.bounds import ACTS, COMPLICATED, PAGES, PASSWORD, Refused, answer

MOST_PAGES = 100
_MOST_OBJECTS = 50_000
_MOST_DEPTH = 50
_MOST_UNPACKED = 4 * 1024 * 1024  # bytes of packed objects, all together; what is drawn is never unpacked
_MOST_OF_A_TABLE = 400_000  # bytes of a table of objects, unpacked: room for _MOST_OBJECTS
_MOST_TABLES = 30  # one for each time that the file was saved
_PACKED_BY = (None, "/FlateDecode", ["/FlateDecode"])


def document(content: bytes) -> bytes:
    """The pages alone. Raises Refused, and whatever the reader raises."""
    with apply_configuration(
        zlib_maximum_output_length=_MOST_OF_A_TABLE,
        lzw_maximum_output_length=_MOST_OF_A_TABLE,
        run_length_maximum_output_length=_MOST_OF_A_TABLE,
    ):
        reader = _Reader(io.BytesIO(content), strict=False)
    _refuse_packed(reader)
    if reader.is_encrypted:
        raise Refused(PASSWORD)
    for found in _dictionaries(reader):
        if _acts(found):
            raise Refused(ACTS)
        _without_metadata(found)
    _refuse_bad_pages(reader)
    writer = PdfWriter()
    for page in reader.pages:
        _bare(page)
        writer.add_page(page)
    writer.metadata = None
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


class _Reader(PdfReader):
    """Reads a few tables of objects and not as many as somebody likes to chain."""

    _tables = 0

    def _read_pdf15_xref_stream(self, *args: Any, **kwargs: Any) -> Any:
        self._tables += 1
        if self._tables > _MOST_TABLES:
            raise Refused(COMPLICATED)
        return super()._read_pdf15_xref_stream(*args, **kwargs)


def _refuse_packed(reader: PdfReader) -> None:
    """Raises Refused where objects are packed so tightly that unpacking them would take all there is."""
    left = _MOST_UNPACKED
    for number in {stream for stream, _index in reader.xref_objStm.values()}:
        packed = reader.get_object(IndirectObject(number, 0, reader))
        if not isinstance(packed, StreamObject) or packed.get("/Filter") not in _PACKED_BY:
            raise Refused(COMPLICATED)
        left -= len(zlib.decompressobj().decompress(packed._data, left + 1)) if "/Filter" in packed else 0
        if left < 0:
            raise Refused(COMPLICATED)


def _refuse_bad_pages(reader: PdfReader) -> None:
    """Walks the tree of pages itself, since a few branches that share their twigs make as many pages as one likes.

    Raises Refused for too many or no pages, and for a tree that is none.
    """
    waiting: list[Any] = [reader.root_object["/Pages"]]
    seen: set[int] = set()
    leaves = 0
    while waiting:
        node = waiting.pop().get_object()
        if id(node) in seen:
            raise Refused(COMPLICATED)
        seen.add(id(node))
        twigs = node.get("/Kids")
        if twigs is None:
            leaves += 1
        else:
            waiting.extend(twigs.get_object())
        if leaves > MOST_PAGES or len(waiting) > _MOST_OBJECTS:
            break
    if not 0 < leaves <= MOST_PAGES:
        raise Refused(PAGES)


_KEYS = {"/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/RichMediaContent", "/XFA", "/Launch"}
_ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR", "/Rendition", "/Movie", "/Sound",
    "/RichMediaExecute",
}  # fmt: skip
_SUBTYPES = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}


def _acts(found: DictionaryObject) -> bool:
    """Whether a dictionary of a PDF holds a script, a file, or an action that reaches out of the document."""
    return (
        any(key in found for key in _KEYS)
        or found.get("/S") in _ACTIONS
        or found.get("/Type") == "/EmbeddedFile"
        or (found.get("/Type") in (None, "/Annot") and found.get("/Subtype") in _SUBTYPES)
    )


def _dictionaries(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Every dictionary in the file, those that nothing leads to included. Raises Refused where there are too many."""
    numbers = {(number, generation) for generation, table in reader.xref.items() for number in table}
    numbers |= {(number, 0) for number in reader.xref_objStm}
    if len(numbers) > _MOST_OBJECTS:
        raise Refused(COMPLICATED)
    yield reader.trailer
    for number, generation in sorted(numbers):
        yield from _within(reader.get_object(IndirectObject(number, generation, reader)), 0)


def _within(value: Any, depth: int) -> Iterator[DictionaryObject]:
    if depth > _MOST_DEPTH:
        raise Refused(COMPLICATED)
    if isinstance(value, DictionaryObject):
        yield value
        for inner in value.values():
            yield from _within(inner, depth + 1)
    elif isinstance(value, ArrayObject):
        for inner in value:
            yield from _within(inner, depth + 1)


_OF_ANYTHING = ("/Metadata", "/PieceInfo", "/LastModified", "/Thumb")
_OF_NOTES = ("/T", "/M", "/NM", "/CreationDate", "/RC", "/Subj", "/A", "/AA", "/Popup")


def _bare(page: Any) -> None:
    """Takes out of a page what it does by itself, who made its notes and when, and where a link or a button leads."""
    page.pop("/AA", None)
    for note in page.get("/Annots") or []:
        found = note.get_object()
        if isinstance(found, DictionaryObject):
            for key in _OF_NOTES:
                found.pop(key, None)


def _without_metadata(found: DictionaryObject) -> None:
    """Takes out what tells who made something, when, with what and where; of a photo within the file as well.

    It works on what was read, before the pages are copied: what nothing leads to any more is not copied.
    """
    for key in _OF_ANYTHING:
        found.pop(key, None)
    if isinstance(found, StreamObject):
        _unwrap_photo(found)
        if found.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
            found._data = without_segments(found._data)  # the stream as it is stored


def _unwrap_photo(found: StreamObject) -> None:
    """A JPEG that was packed once more becomes a plain one, so that its own metadata can be taken out."""
    if found.get("/Filter") == ["/FlateDecode", "/DCTDecode"]:
        found._data = FlateDecode.decode(found._data)
        found[NameObject("/Filter")] = NameObject("/DCTDecode")
        found.pop("/DecodeParms", None)


def without_segments(jpeg: bytes) -> bytes:
    """A JPEG without its application segments (camera, place, author) and comments; colour marks stay.

    Bytes that are no JPEG come back as they are.
    """
    if not jpeg.startswith(b"\xff\xd8"):
        return jpeg
    out, at = bytearray(b"\xff\xd8"), 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF and jpeg[at + 1] != 0xDA:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        # 0xE0 JFIF and 0xEE Adobe say how colours are to be read.
        if not (0xE1 <= marker <= 0xEF and marker != 0xEE) and marker != 0xFE:
            out += jpeg[at : at + 2 + length]
        at += 2 + length
    return bytes(out + jpeg[at:])


if __name__ == "__main__":
    answer(document)

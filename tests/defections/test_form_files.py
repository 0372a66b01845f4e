"""Files: recognised by what is in them, rebuilt without metadata, sealed, given to their owner to save (D11)."""

import io
import os
import random
import subprocess
import sys
import tempfile
import time
import uuid
import zlib
from contextlib import suppress
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from defections import evidence, files
from defections.errors import VaultError
from defections.models import Application, Evidence, FormRelease
from defections.rebuilding import bounds, images, pdfs
from defections.rebuilding.bounds import Refused, rebuilt
from ledger.models import Event
from tests.defections.filling import enter, words
from tests.defections.making import make_application, make_release

pytestmark = pytest.mark.django_db
MARK = "Larkspur-Canary-77"
UPLOAD = "/applications/form/evidence/"


@pytest.fixture
def release(db: None) -> FormRelease:
    return make_release()


@pytest.fixture
def application(client: Client, release: FormRelease) -> Application:
    return enter(client)


def jpeg(size: tuple[int, int] = (60, 40), **extra: Any) -> bytes:
    """A photo that says where it was taken, upright only by its mark."""
    exif = Image.Exif()
    exif[0x010E] = MARK  # a description
    exif[0x0112] = 6  # on its side
    exif.get_ifd(0x8825)[1] = "N"  # a place
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", exif=exif, comment=MARK.encode(), **extra)
    return out.getvalue()


def png(size: tuple[int, int] = (60, 40)) -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", size, (0, 90, 90, 120)).save(out, "PNG")
    return out.getvalue()


def pdf(change: Any = None, password: str = "") -> bytes:
    """A PDF of one page with an author."""
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": MARK})
    if change:
        change(writer)
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_photo() -> bytes:
    """A PDF with a photo in it, as scanners make them."""
    out = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(out, "PDF")
    raw = out.getvalue()
    reader = PdfReader(io.BytesIO(raw))
    writer = PdfWriter()
    held = writer.add_page(reader.pages[0])
    image = next(iter(held["/Resources"]["/XObject"].values())).get_object()
    image._data = jpeg()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_nested_photo(filters: tuple[str, ...] = ("/DCTDecode",)) -> bytes:
    """A PDF whose photo stands within a form, with what the program that made it wrote down about it."""
    writer = PdfWriter()
    photo, form, notes = StreamObject(), StreamObject(), StreamObject()
    photo.set_data(jpeg() if len(filters) == 1 else zlib.compress(jpeg()))
    names = [NameObject(name) for name in filters]
    photo.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Image"),
            NameObject("/Width"): NumberObject(60),
            NameObject("/Height"): NumberObject(40),
            NameObject("/ColorSpace"): NameObject("/DeviceRGB"),
            NameObject("/BitsPerComponent"): NumberObject(8),
            NameObject("/Filter"): names[0] if len(names) == 1 else ArrayObject(names),
        }
    )
    notes.set_data(MARK.encode())
    held = DictionaryObject({NameObject("/I"): writer._add_object(photo)})
    form.set_data(b"/I Do")
    form.update(
        {
            NameObject("/Type"): NameObject("/XObject"),
            NameObject("/Subtype"): NameObject("/Form"),
            NameObject("/BBox"): ArrayObject(map(NumberObject, (0, 0, 9, 9))),
            NameObject("/Resources"): DictionaryObject({NameObject("/XObject"): held}),
            NameObject("/Metadata"): writer._add_object(notes),
            NameObject("/PieceInfo"): DictionaryObject({NameObject("/App"): TextStringObject(MARK)}),
        }
    )
    page = writer.add_blank_page(200, 200)
    forms = DictionaryObject({NameObject("/F"): writer._add_object(form)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/XObject"): forms})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def raw_pdf(*objects: str) -> bytes:
    """A PDF of these objects; the first is its catalogue."""
    out, places = b"%PDF-1.5\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{one}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return out + f"{end}startxref\n{len(out)}\n%%EOF".encode()


def pages_of_pages(levels: int) -> bytes:
    """A small PDF with 2 ** levels pages: each branch of its tree has the next one twice."""
    branches = [f"<< /Type /Pages /Count 1 /Kids [{n} 0 R {n} 0 R] >>" for n in range(3, levels + 3)]
    leaf = "<< /Type /Page /MediaBox [0 0 9 9] /Parent 2 0 R >>"
    return raw_pdf("<< /Type /Catalog /Pages 2 0 R >>", *branches, leaf)


def upload(client: Client, content: bytes, name: str = "letter.jpg") -> Any:
    return client.post(UPLOAD, {"add": "1", "file": SimpleUploadedFile(name, content)})


@pytest.mark.policy("D11")
@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (jpeg(), "image/jpeg"),
        (png(), "image/png"),
        (pdf(), "application/pdf"),
        (with_photo(), "application/pdf"),
        (with_nested_photo(), "application/pdf"),
        (with_nested_photo(("/FlateDecode", "/DCTDecode")), "application/pdf"),
    ],
)
def test_a_file_is_kept_without_what_it_says_about_itself(
    client: Client, application: Application, content: bytes, media_type: str
) -> None:
    assert upload(client, content, f"{MARK}.docx").status_code == 302
    row = Evidence.objects.get()
    assert row.media_type == media_type  # by what is in it, not by its name
    assert row.name == MARK + files.ENDINGS[media_type]
    assert MARK.encode() not in row.content
    assert b"Exif" not in row.content
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(e)::text FROM defections_evidence e")
        stored = cursor.fetchone()[0]
    assert MARK not in stored
    assert MARK.encode().hex() not in stored
    assert row.content[:20].hex() not in stored


def test_a_photo_is_turned_upright_and_opens(client: Client, application: Application) -> None:
    upload(client, jpeg((60, 40)))
    with Image.open(io.BytesIO(Evidence.objects.get().content)) as image:
        assert image.size == (40, 60)
        assert not image.getexif()
    upload(client, with_photo(), "scan.pdf")
    scan = Evidence.objects.get(media_type="application/pdf")
    assert PdfReader(io.BytesIO(scan.content)).pages[0].images[0].image.size == (60, 40)


def test_a_scan_of_sixteen_bits_keeps_its_greys() -> None:
    made = Image.new("I;16", (64, 1))
    for place in range(64):
        made.putpixel((place, 0), place * 1000)
    out = io.BytesIO()
    made.save(out, "PNG")
    with Image.open(io.BytesIO(images.image(out.getvalue()))) as image:
        greys = [image.convert("L").getpixel((place, 0)) for place in range(64)]
    assert greys == sorted(greys)
    assert len(set(greys)) == 64
    assert (greys[0], greys[-1]) == (0, 245)


@pytest.mark.parametrize("levels", [7, 40])
def test_a_small_pdf_that_unfolds_into_no_end_of_pages_is_refused_at_once(levels: int) -> None:
    began = time.process_time()
    with pytest.raises(Refused):
        pdfs.document(pages_of_pages(levels))
    assert time.process_time() - began < 2  # seconds; each level doubled it


def packed(streams: int, size: int) -> bytes:
    """A small PDF with objects packed into so many streams, each `size` bytes once it is unpacked."""
    out, rows = b"%PDF-1.5\n", b"\0" * 7
    held = {
        1: b"<< /Type /Catalog /Pages 2 0 R >>",
        2: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        3: b"<< /Type /Page /MediaBox [0 0 9 9] /Parent 2 0 R >>",
    }
    held |= dict.fromkeys(range(4, streams + 1), b"<< /A 1 >>")
    places = []
    for number, one in held.items():
        places.append(len(out))
        content = zlib.compress(b"%d 0 " % number + one + b" " * size, 9)
        out += b"%d 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode" % (len(held) + number)
        out += b" /Length %d >>\nstream\n" % len(content) + content + b"\nendstream\nendobj\n"
        rows += b"\2" + (len(held) + number).to_bytes(4, "big") + b"\0\0"
    places.append(len(out))
    rows += b"".join(b"\1" + place.to_bytes(4, "big") + b"\0\0" for place in places)
    size_of_table = 2 * len(held) + 2
    out += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R" % (size_of_table - 1, size_of_table)
    out += b" /Length %d >>\nstream\n" % len(rows) + rows + b"\nendstream\nendobj\n"
    return out + b"startxref\n%d\n%%%%EOF" % places[-1]


def test_a_pdf_with_packed_objects_is_taken_and_one_packed_too_tightly_refused_at_once() -> None:
    assert pdfs.document(packed(3, 0)).startswith(b"%PDF-")
    for streams, size in ((3, 9_000_000), (9, 900_000)):
        began = time.process_time()
        with pytest.raises(Refused):
            rebuilt(packed(streams, size), pdfs.document)
        assert time.process_time() - began < 2, (streams, size)  # seconds


def test_a_small_pdf_with_a_table_of_a_million_objects_is_refused_at_once() -> None:
    start = b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    rows = zlib.compress(b"\1\0\1" * 1_000_000, 9)
    table = b"2 0 obj\n<< /Type /XRef /Size 1000000 /W [1 2 0] /Root 1 0 R /Filter /FlateDecode"
    table += b" /Length %d >>\nstream\n" % len(rows) + rows + b"\nendstream\nendobj\n"
    began = time.process_time()
    with pytest.raises(Refused):
        rebuilt(start + table + b"startxref\n%d\n%%%%EOF" % len(start), pdfs.document)
    assert time.process_time() - began < 5  # seconds


@pytest.mark.parametrize("kids", ["[2 0 R]", "[]", "[3 0 R]", "7", "[4 0 R 7 (a)]"])
def test_a_pdf_with_a_senseless_tree_of_pages_is_refused_with_a_sentence(kids: str) -> None:
    tree = f"<< /Type /Pages /Count 1 /Kids {kids} >>"
    with pytest.raises(Refused):
        rebuilt(raw_pdf("<< /Type /Catalog /Pages 2 0 R >>", tree, "null"), pdfs.document)


def script(writer: PdfWriter) -> None:
    act(writer, "/JavaScript", "/JS")


def attachment(writer: PdfWriter) -> None:
    writer.add_attachment("x.exe", b"MZ")


def launch(writer: PdfWriter) -> None:
    act(writer, "/Launch", "/F")


def act(writer: PdfWriter, action: str, key: str) -> None:
    """Something to be done when the document opens."""
    writer._root_object[NameObject("/OpenAction")] = DictionaryObject(
        {NameObject("/S"): NameObject(action), NameObject(key): TextStringObject("x")}
    )


def hidden_script(writer: PdfWriter) -> None:
    """An object to which nothing leads."""
    writer._add_object(
        DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject("x")}
        )
    )


BOMB = b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d49484452000186a0000186a00802000000") + b"\0\0\0\0"


@pytest.mark.policy("D11")
@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "a.pdf", "The file is empty"),
        (b"MZ\x90" + b"\0" * 100, "letter.pdf", "must be a PDF, a JPEG or a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.png", "must be a PDF, a JPEG or a PNG"),
        (b"<html><script>alert(1)</script>", "photo.jpg", "must be a PDF, a JPEG or a PNG"),
        (jpeg()[:100], "photo.jpg", "The image is damaged"),
        (BOMB, "photo.png", "The image is"),
        (pdf(hidden_script), "a.pdf", "a script, a file or an action"),
        (pdf(password="secret"), "a.pdf", "protected by a password"),
    ],
)
def test_a_file_that_could_do_harm_is_refused_with_a_sentence(
    client: Client, application: Application, content: bytes, name: str, sentence: str
) -> None:
    response = upload(client, content, name)
    assert response.status_code == 200
    assert sentence in words(response)
    assert "<title>Error:" in words(response)
    assert not Evidence.objects.exists()


@pytest.mark.policy("D11")
@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (png()[:60], bounds.DAMAGED),
        (b"%PDF-1.7\ngarbage", bounds.DAMAGED),
        (pdf()[:150], bounds.DAMAGED),
        (pdf(script), bounds.ACTS),
        (pdf(attachment), bounds.ACTS),
        (pdf(launch), bounds.ACTS),
        (pdf(lambda writer: [writer.add_blank_page(10, 10) for _ in range(100)]), bounds.PAGES),
    ],
)
def test_what_else_is_refused(content: bytes, refusal: str) -> None:
    kind = pdfs.document if content.startswith(b"%PDF") else images.image
    with pytest.raises(Refused, match=refusal):
        rebuilt(content, kind)


def test_every_refusal_has_a_sentence() -> None:
    of_images = {bounds.DAMAGED, bounds.PIXELS, bounds.TOO_MUCH}
    of_pdfs = {
        bounds.DAMAGED,
        bounds.COMPLICATED,
        bounds.TOO_MUCH,
        bounds.PASSWORD,
        bounds.ACTS,
        bounds.PAGES,
    }
    assert set(files._SENTENCES) == {("images", one) for one in of_images} | {
        ("pdfs", one) for one in of_pdfs
    }


def test_a_process_that_takes_too_much_or_falls_over_ends_in_a_sentence() -> None:
    greedy = "from defections.rebuilding import bounds; bounds.answer(lambda content: b'x' * 500_000_000)"
    done = subprocess.run([sys.executable, "-c", greedy], input=b"", stdout=subprocess.PIPE, check=True)
    assert done.stdout == b"-too much"
    assert files._asked("nothing_there", b"") == (bounds.TOO_MUCH, b"")


def test_an_image_of_too_many_pixels_is_refused_and_a_large_photo_is_made_smaller() -> None:
    out = io.BytesIO()
    Image.new("1", (8000, 5001)).save(out, "PNG")
    with pytest.raises(Refused, match=bounds.PIXELS):
        images.image(out.getvalue())
    out = io.BytesIO()
    Image.new("L", (5000, 4000)).save(out, "JPEG")
    with Image.open(io.BytesIO(images.image(out.getvalue()))) as image:
        assert image.size == (2500, 2000)


def test_noise_after_every_kind_of_beginning_is_answered_and_nothing_else_is_raised() -> None:
    noise = random.Random(7)  # noqa: S311 - the same noise every time
    for start, kind in (
        (jpeg(), images.image),
        (png(), images.image),
        (pdf(), pdfs.document),
        (with_photo(), pdfs.document),
    ):
        for _ in range(25):
            broken = bytearray(start)
            for _ in range(12):
                broken[noise.randrange(8, len(broken))] = noise.randrange(256)
            with suppress(Refused):
                assert rebuilt(bytes(broken), kind)


@pytest.mark.parametrize("over", [1, 5 * 1024 * 1024])
def test_a_file_that_is_too_big_is_said_to_be_and_touches_no_disk(
    client: Client, application: Application, over: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[object] = []
    real = tempfile.NamedTemporaryFile

    def watched(*args: Any, **kwargs: Any) -> Any:
        opened.append(args)
        return real(*args, **kwargs)

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", watched)
    before = set(os.listdir(tempfile.gettempdir()))
    response = upload(client, b"\xff\xd8\xff" + b"x" * (files.MOST_BYTES - 3 + over))
    assert response.status_code == 200
    assert "must be smaller than 8 MB" in words(response)
    assert not Evidence.objects.exists()
    left = {name for name in set(os.listdir(tempfile.gettempdir())) - before if name.endswith(".upload")}
    assert (opened, left) == ([], set())


def test_only_the_first_of_several_files_is_taken(client: Client, application: Application) -> None:
    both = [SimpleUploadedFile("a.png", png()), SimpleUploadedFile("b.png", png())]
    client.post(UPLOAD, {"add": "1", "file": both})
    assert Evidence.objects.count() == 1


def test_no_file_chosen_is_said_and_the_form_goes_on_without_one(
    client: Client, application: Application
) -> None:
    assert "Choose a file first" in words(client.post(UPLOAD, {"add": "1"}))
    assert client.post(UPLOAD, {}).status_code == 302


def test_a_forged_request_with_a_file_does_nothing(release: FormRelease) -> None:
    client = Client()
    enter(client)
    forger = Client(enforce_csrf_checks=True)
    forger.cookies = client.cookies
    assert upload(forger, png()).status_code == 403
    assert not Evidence.objects.exists()


def test_ten_files_and_no_more(client: Client, application: Application) -> None:
    upload(client, png(), "0.png")
    row = Evidence.objects.get()
    for _number in range(1, evidence.MOST_FILES):
        row.pk = uuid.uuid4()
        row.name_sealed = row.application.seal("photo.png", f"defections.evidence:{row.pk}:name")
        row.save(force_insert=True)
    refused = upload(client, png())
    assert "There are 10 files already" in words(refused)
    assert "which is the most that we can take" in words(client.get(UPLOAD))
    assert Evidence.objects.count() == evidence.MOST_FILES


def test_ones_own_file_is_given_to_be_saved_and_nothing_else(
    client: Client, application: Application
) -> None:
    upload(client, png(), "../../My röntgen\r\nX: y.png")
    row = Evidence.objects.get()
    response = client.get(reverse("defections:evidence_file", args=[row.pk]))
    assert response["Content-Type"] == "image/png"
    assert response["Content-Disposition"].startswith("attachment")
    assert "\n" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert Image.open(io.BytesIO(response.content)).size == (60, 40)


def test_nobody_elses_file_is_given(client: Client, application: Application) -> None:
    upload(client, png())
    row = Evidence.objects.get()
    address = reverse("defections:evidence_file", args=[row.pk])
    stranger = Client()
    assert stranger.get(address).status_code == 403
    enter(stranger, "sam@example.org")
    assert stranger.get(address).status_code == 404
    stranger.post(reverse("defections:evidence_remove", args=[row.pk]))
    assert Evidence.objects.filter(pk=row.pk).exists()


def test_a_file_is_taken_out_again_until_the_form_is_sent(client: Client, application: Application) -> None:
    upload(client, png())
    row = Evidence.objects.get()
    client.post(reverse("defections:evidence_remove", args=[row.pk]))
    assert not Evidence.objects.exists()
    verbs = set(Event.objects.about(application).values_list("verb", flat=True))
    assert {"application.evidence_added", "application.evidence_removed"} <= verbs


def test_a_file_moved_to_another_row_does_not_open(client: Client, application: Application) -> None:
    upload(client, png(), "one.png")
    upload(client, png((9, 9)), "two.png")
    one, two = Evidence.objects.order_by("added_at")
    Evidence.objects.filter(pk=one.pk).update(content_sealed=two.content_sealed)
    with pytest.raises(VaultError):
        _ = Evidence.objects.get(pk=one.pk).content


def test_no_file_is_added_to_a_form_that_was_sent(client: Client, release: FormRelease) -> None:
    make_application(email="rowan@example.org", release=release)
    enter(client)
    response = upload(client, png())
    assert response["Location"] == reverse("defections:applicant_detail")
    assert not Evidence.objects.exists()


def test_the_list_of_files_asks_as_much_of_the_database_for_many_as_for_one(
    client: Client, application: Application
) -> None:
    counts = []
    for number in range(3):
        upload(client, png(), f"{number}.png")
        with CaptureQueriesContext(connection) as found:
            client.get(UPLOAD)
        counts.append(len(found))
    assert counts[1] == counts[2]

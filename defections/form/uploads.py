"""A file on its way in stays in memory, never in a temporary file, and no more of it than is taken."""

import io
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from defections.files import MOST_BYTES


class InMemory(FileUploadHandler):
    """Keeps at most MOST_BYTES of one file; of a larger one, and of any further file, nothing.

    `was_too_big` tells of it afterwards. What is not kept is read and dropped, so that the page can answer.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.was_too_big = False
        self._files = 0
        self._kept = io.BytesIO()

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begins a file; only the first is taken."""
        super().new_file(*args, **kwargs)
        self._files += 1
        if self._files > 1:
            raise SkipFile
        self._kept = io.BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keeps a piece, or drops the file once it is too large."""
        if start + len(raw_data) > MOST_BYTES:
            self.was_too_big = True
            self._kept = io.BytesIO()
            raise SkipFile
        self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file."""
        self._kept.seek(0)
        return InMemoryUploadedFile(
            file=self._kept,
            field_name=self.field_name,
            name=str(self.file_name),
            content_type=self.content_type,
            size=file_size,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )


def takes_files(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For a view that takes a file: its handler is in place before anything reads the form, the check against
    forged requests included. `was_too_big(request)` asks afterwards.
    """
    protected = csrf_protect(view)

    @wraps(view)
    def handled(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        request.upload_handlers = [InMemory(request)]
        return protected(request, *args, **kwargs)

    return csrf_exempt(handled)


def was_too_big(request: HttpRequest) -> bool:
    """Whether a file of this request was dropped for its size."""
    return any(isinstance(one, InMemory) and one.was_too_big for one in request.upload_handlers)

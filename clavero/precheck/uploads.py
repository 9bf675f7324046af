"""How much of a file is taken in at all: beyond it nothing more is written to the disk, and the page can say so."""

from typing import Any

from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from clavero.institution import profile


class Capped(FileUploadHandler):
    """Stands before Django's own handlers. Twice the largest list: a list and an earlier result.

    `request.sent_too_much` holds the bytes that were announced where it stopped.
    """

    def handle_raw_input(self, *given: Any, **more: Any) -> None:
        self.size, self.announced = 0, int(given[2] or 0)
        self.most = 2 * profile().lists.megabytes << 20

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.size += len(raw_data)
        if self.size > self.most:
            self.request.sent_too_much = max(self.size, self.announced)  # type: ignore[union-attr]
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None

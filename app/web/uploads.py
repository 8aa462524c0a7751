"""BPMN files on their way in: taken from a form, carried through the page that shows what the gate says, and back.

Between the two nothing is kept on the server: the page holds the very bytes that were checked, with their SHA-256. What
comes back is checked again as it is deployed.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from hashlib import sha256
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile

from app.core.problems import Invalid
from app.definitions.commands import SentFile

MOST_BYTES = 5 * 1024 * 1024
# A form's field may hold 1 MiB, so a file is carried in pieces.
_PIECE = 512 * 1024


class Carried(NamedTuple):
    """A file as the page carries it."""

    name: str
    digest: str
    pieces: list[str]


def chosen_files(sent: FormData) -> list[SentFile]:
    """Return the files that were chosen or dropped; a field that was left empty is none."""
    found: list[SentFile] = []
    for value in sent.getlist("berkas"):
        if isinstance(value, UploadFile):
            data = value.file.read()
            if value.filename or data:
                name = (value.filename or "berkas").replace("\0", "")[:200]
                # Findings tell their file by its name, so two of one name are told apart.
                alike = sum(other.name.partition(" (")[0] == name for other in found)
                found.append(SentFile(f"{name} ({alike + 1})" if alike else name, data))
    return found


def carried(file: SentFile) -> Carried:
    """Return a file as the fields of a form hold it."""
    text = urlsafe_b64encode(file.data).decode()
    pieces = [text[start : start + _PIECE] for start in range(0, len(text), _PIECE)]
    return Carried(file.name, sha256(file.data).hexdigest(), pieces)


def carried_files(sent: FormData) -> list[SentFile]:
    """Return the files that a page of ours carried.

    Raises:
        CarriedWrongly: what comes back is not what was checked.
    """
    names, digests = sent.getlist("nama"), sent.getlist("sidik")
    found = []
    for number, (name, digest) in enumerate(zip(names, digests, strict=False)):
        pieces = [piece for piece in sent.getlist(f"isi-{number}") if isinstance(piece, str)]
        try:
            data = urlsafe_b64decode("".join(pieces).encode())
        except (NotBase64, ValueError):
            data = None
        if data is None or sha256(data).hexdigest() != digest:
            raise CarriedWrongly(f"The file '{str(name)[:200]}' is not the one that was checked. Choose it again.")
        found.append(SentFile(str(name), data))
    return found


class CarriedWrongly(Invalid):
    """A file came back other than it was shown."""

    code = "file-changed"
    title = "The file is not the one that was checked"

"""Fetching the official files: resumed where it was cut, bounded, and named only when verified.

Pooch verifies the md5 and renames; what it lacks, continuing a file that was cut, is the downloader
below. The part that has come is kept as `NAME.part`.
"""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

import pooch
import requests
from requests import RequestException
from urllib3.exceptions import HTTPError, ReadTimeoutError

from experiments import atomic, console
from experiments.errors import DataError
from experiments.svhn.official import FILES, URL, OfficialFile

TIMEOUT = 10.0  # seconds to connect, and to wait for the next bytes
SLOWEST = 10_000  # bytes a second
PIECE = 1 << 16
REDIRECTS = 5


def fetch(root: Path, split: str, mirror: str | None = None, timeout: float = TIMEOUT) -> Path:
    """Bring the official file of a split into a folder, unless a file of that name is there.

    Parameters
    ----------
    mirror : address of a folder that holds the official files, or None for their own.
    timeout : seconds to connect, and at most between two pieces.

    Raises
    ------
    DataError
        It could not be fetched. Typing the same again continues.
    """
    official = FILES[split]
    path = root / official.name
    if os.path.lexists(path):  # whatever it is, it is not ours to replace
        return path
    url = f"{(mirror or URL).rstrip('/')}/{official.name}"
    pooch.get_logger().setLevel(logging.WARNING)
    try:
        root.mkdir(parents=True, exist_ok=True)
        with atomic.alone(root, f"another process fetches into {root}"):
            if not path.exists():
                console.note(f"fetching {url} ({official.bytes:,} bytes)")
                pooch.retrieve(
                    url,
                    known_hash=f"md5:{official.md5}",
                    fname=official.name,
                    path=root,
                    downloader=Resuming(official, path.with_name(f"{official.name}.part"), timeout),
                )
    except (RequestException, HTTPError) as error:
        raise DataError(
            f"{url} cannot be fetched ({_reason(error, timeout)}); what has come is kept, "
            "type the same again to go on, or name another address with --mirror URL"
        ) from error
    except ValueError as error:  # pooch: another md5
        raise DataError(
            f"{url} is not the official file: its md5 is not {official.md5}; "
            "name another address with --mirror URL"
        ) from error
    except OSError as error:
        raise DataError(
            f"{official.name} cannot be written to {root} ({error.strerror})"
        ) from error
    return path


class Resuming:
    """A downloader for pooch that goes on behind what has come before.

    It takes as many bytes as are missing and no more, whatever the server sends, and no longer
    than at 10 kB/s.
    """

    def __init__(self, official: OfficialFile, part: Path, timeout: float) -> None:
        self.official, self.part, self.timeout = official, part, timeout

    def __call__(self, url: str, output_file: str, pooch: object = None) -> None:
        """Fetch `url` into `output_file`."""
        with self.part.open("ab") as file:
            have = file.tell()
            if have > self.official.bytes:
                have = 0
            if have < self.official.bytes:
                self._continue(url, file, have)
            file.flush()
            os.fsync(file.fileno())
        self.part.replace(output_file)

    def _continue(self, url: str, file: BinaryIO, have: int) -> None:
        """Append what is missing to the first bytes of what has come."""
        total = self.official.bytes
        deadline = time.monotonic() + self.timeout + (total - have) / SLOWEST
        with _answer(url, have, self.timeout) as answer:
            have = have if answer.status_code == 206 else 0  # all of it, whatever was asked for
            size = answer.headers.get("Content-Length", str(total - have))
            if size != str(total - have):
                raise RequestException(f"it offers {size} bytes where {total - have} are missing")
            file.truncate(have)
            with console.progress(total, self.official.name, "B") as bar:
                bar.update(have)
                while have < total:
                    # read1 gives what has come: a server that drips cannot hold it.
                    piece = answer.raw.read1(min(PIECE, total - have), decode_content=False)
                    if not piece:
                        raise RequestException(f"it ended after {have:,} of {total:,} bytes")
                    if time.monotonic() > deadline:
                        raise RequestException(f"it sends less than {SLOWEST:,} bytes a second")
                    file.write(piece)
                    have += len(piece)
                    bar.update(len(piece))


@contextmanager
def _answer(url: str, start: int, timeout: float) -> Iterator[requests.Response]:
    """Return the answer with the bytes from `start` on, or with all; its body is not read yet."""
    with requests.Session() as session:
        for _ in range(REDIRECTS):
            headers = {"Accept-Encoding": "identity"}
            if start:
                headers["Range"] = f"bytes={start}-"
            # Requests would read the body of a redirection, of any size.
            answer = session.get(
                url, headers=headers, timeout=timeout, stream=True, allow_redirects=False
            )
            with answer:
                if answer.is_redirect:
                    url = urljoin(url, answer.headers["Location"])
                    if not url.startswith(("http://", "https://")):
                        raise RequestException(f"it points to {url}")
                    continue
                if answer.status_code == 416 and start:  # what has come is not of this file
                    start = 0
                    continue
                answer.raise_for_status()
                starts = answer.headers.get("Content-Range", "").startswith(f"bytes {start}-")
                if answer.status_code != 200 and not (answer.status_code == 206 and starts):
                    raise RequestException(f"an answer {answer.status_code} that is of no use")
                yield answer
                return
        raise RequestException("it points from one address to the next")


def _reason(error: Exception, timeout: float) -> str:
    """Return why nothing came, in a few words."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"{response.status_code} {response.reason}"
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return f"no answer within {timeout:g} s"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return str(error)

"""Faults 24 and 25: connections that end, and servers that send something else."""

import os
import socket
from functools import partial

import pytest

from experiments.cli import main
from experiments.errors import DataError
from experiments.svhn import download
from experiments.svhn.official import FILES

from ..svhn_files import digits, make_official, write_mat
from .loopback import Server, answer

NAME = "train_32x32.mat"


@pytest.fixture
def content(tmp_path, monkeypatch):
    """The official file of the test, 36 kB."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    path = write_mat(tmp_path / NAME, *digits(12), compressed=False)
    make_official(monkeypatch, path, "train")
    return path.read_bytes()


@pytest.fixture
def server(content):
    return Server({NAME: content})


@pytest.fixture
def url(server):
    with server.running() as url:
        yield url


@pytest.fixture
def empty(tmp_path):
    """Where the file is to come to; it is made by the download."""
    return tmp_path / "new" / "svhn"


@pytest.fixture
def fails(url, empty, capsys):
    """Run the command: exit status 4, one line, and nothing that looks like the file."""

    def check(*says, mirror=url):
        argv = ["data", "check", str(empty), "--split", "train", "--download", "--mirror", mirror]
        assert main(argv) == 4
        err = capsys.readouterr().err
        fetching, line = err.splitlines()
        assert fetching.startswith(f"fetching {mirror}/{NAME} (")
        for text in says:
            assert text in line
        assert {path.name for path in empty.iterdir()} <= {f"{NAME}.part", ".lock"}

    return check


def succeeds(url, folder, content):
    argv = ["data", "check", str(folder), "--split", "train", "--download", "--mirror", url]
    assert main(argv) == 0
    assert (folder / NAME).read_bytes() == content
    assert {path.name for path in folder.iterdir()} == {NAME, ".lock"}


@pytest.mark.fault(24)
def test_a_whole_file(url, server, empty, content, capsys):
    succeeds(url, empty, content)
    assert server.asked == [None]
    out, err = capsys.readouterr()
    assert out.startswith(f"{NAME}: official, 12 images")
    assert err == f"fetching {url}/{NAME} ({len(content):,} bytes)\n"
    succeeds(url + "/", empty, content)  # it is there
    assert len(server.asked) == 1


@pytest.mark.fault(24)
@pytest.mark.parametrize("length", [True, False])
def test_24_cut_at_half_then_resumed(length, url, server, empty, content, fails):
    half = len(content) // 2
    server.how = partial(answer, stop=half, length=length)
    fails(
        f"it ended after {half:,} of {len(content):,} bytes" if not length else "cannot be", "again"
    )
    assert (empty / f"{NAME}.part").read_bytes() == content[:half]
    server.how = answer
    succeeds(url, empty, content)
    assert server.asked == [None, f"bytes={half}-"]


@pytest.mark.fault(24)
def test_24_cut_again_and_again(url, server, empty, content, fails):
    for share in (0.1, 0.4, 0.9):
        server.how = partial(answer, stop=int(share * len(content)))
        fails()
    server.how = answer
    succeeds(url, empty, content)
    assert len(server.asked) == 4


@pytest.mark.fault(24)
def test_24_a_server_that_cannot_resume(url, server, empty, content, fails):
    server.how = partial(answer, stop=1000)
    fails()
    server.how = partial(answer, ranges=False)
    succeeds(url, empty, content)


@pytest.mark.fault(24)
@pytest.mark.parametrize("size", [100, 10**6])
def test_24_a_part_of_another_file(size, url, empty, content, fails):
    """Its md5 is found wrong once, then it is fetched from the beginning."""
    empty.mkdir(parents=True)
    (empty / f"{NAME}.part").write_bytes(b"x" * size)
    if size < len(content):
        fails("its md5 is not")
    succeeds(url, empty, content)


@pytest.mark.fault(24)
def test_24_a_part_that_is_whole(url, server, empty, content):
    """The process was killed before the last step."""
    empty.mkdir(parents=True)
    (empty / f"{NAME}.part").write_bytes(content)
    succeeds(url, empty, content)
    assert server.asked == []


@pytest.mark.fault(24)
def test_24_offline(empty, fails):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # nobody listens there
        fails("no connection", mirror=f"http://127.0.0.1:{closed.getsockname()[1]}")


@pytest.mark.fault(24)
def test_24_a_server_that_refuses_to_resume(url, server, empty, content, fails):
    def whole_or_nothing(handler, content):
        if handler.headers.get("Range"):
            handler.send_error(416)
        else:
            answer(handler, content)

    server.how = partial(answer, stop=1000)
    fails()
    server.how = whole_or_nothing
    succeeds(url, empty, content)


def longer(handler, content):
    answer(handler, content + b"more")


def longer_without_length(handler, content):
    """More than any file: the client leaves when it has enough."""
    answer(handler, content + bytes(50_000_000), length=False)


def shorter(handler, content):
    answer(handler, content[:-1])


def another(handler, content):
    answer(handler, content[:-1] + b"x")


def redirect(to):
    def send(handler, content):
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.end_headers()

    return send


def odd(handler, content):
    handler.send_response(204)
    handler.end_headers()


def elsewhere(handler, content):
    """A part that was not asked for."""
    handler.send_response(206)
    handler.send_header("Content-Range", f"bytes 7-{len(content) - 1}/{len(content)}")
    handler.end_headers()
    handler.wfile.write(content[7:])


@pytest.mark.fault(25)
@pytest.mark.parametrize(
    ("how", "says"),
    [
        (longer, "bytes where"),
        (shorter, "bytes where"),
        (another, "its md5 is not"),
        (redirect("file:///etc/passwd"), "it points to file:///etc/passwd"),
        (redirect(f"/{NAME}"), "from one address to the next"),
        (odd, "204"),
        (elsewhere, "206"),
    ],
)
def test_25_what_a_server_sends_instead(how, says, url, server, empty, content, fails):
    server.how = how
    fails(says, "--mirror URL")
    server.how = answer
    succeeds(url, empty, content)


@pytest.mark.fault(25)
def test_25_no_more_bytes_than_the_file_has(url, server, empty, content):
    server.how = longer_without_length
    succeeds(url, empty, content)


@pytest.mark.fault(25)
def test_25_redirected_within_the_web(url, server, empty, content):
    with Server({NAME: content}).running() as other:
        server.how = redirect(f"{other}/{NAME}")
        succeeds(url, empty, content)


@pytest.mark.fault(25)
def test_25_not_found(server, fails):
    server.files.clear()
    fails("404 Not Found")


@pytest.mark.fault(25)
@pytest.mark.parametrize("mirror", ["file:///tmp", "nonsense", "ftp://127.0.0.1"])
def test_25_an_address_that_is_none(mirror, fails):
    fails("cannot be fetched", mirror=mirror)


@pytest.mark.fault(25)
@pytest.mark.parametrize("after", [None, 1000])
def test_25_a_silent_server(after, url, server, empty, content):
    def silent(handler, content):
        if after:
            answer(handler, content, stop=after)
        handler.wait(60)

    server.how = silent
    with pytest.raises(DataError, match=r"no answer within 0\.2 s"):
        download.fetch(empty, "train", url, timeout=0.2)
    server.how = answer
    succeeds(url, empty, content)
    assert server.asked == [None, f"bytes={after}-" if after else None]


@pytest.mark.fault(25)
def test_25_a_server_that_drips(url, server, empty, content, monkeypatch):
    """Never silent for long, and never done."""

    def drip(handler, content):
        answer(handler, content, stop=1)
        for i in range(1, len(content)):
            if handler.wait(0.02):
                return
            handler.wfile.write(content[i : i + 1])

    server.how = drip
    monkeypatch.setattr(download, "SLOWEST", 10**9)
    with pytest.raises(DataError, match="bytes a second"):
        download.fetch(empty, "train", url, timeout=0.2)


@pytest.mark.fault(25)
def test_25_an_existing_file_is_never_replaced(url, server, empty):
    """Not even a broken one, or a link that leads nowhere: nobody knows whose it is."""
    empty.mkdir(parents=True)
    argv = ["data", "check", str(empty), "--split", "train", "--download", "--mirror", url]
    (empty / NAME).write_text("mine")
    assert main(argv) == 4
    assert (empty / NAME).read_text() == "mine"
    (empty / NAME).unlink()
    (empty / NAME).symlink_to("nowhere")
    assert main(argv) == 4
    assert os.readlink(empty / NAME) == "nowhere"
    assert server.asked == []


@pytest.mark.fault(24)
def test_a_folder_that_cannot_be_made(url, tmp_path, content, capsys):
    argv = ["data", "check", str(tmp_path / NAME / "x"), "--split", "train", "--download"]
    assert main([*argv, "--mirror", url]) == 4
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.fault(25)
def test_a_mirror_without_a_download(tmp_path, capsys):
    assert main(["data", "check", str(tmp_path), "--mirror", "http://127.0.0.1"]) == 2
    assert "--download" in capsys.readouterr().err


@pytest.mark.fault(20)
def test_extra_is_fetched_only_if_it_is_named(tmp_path, url, server, content, monkeypatch):
    path = write_mat(tmp_path / FILES["test"].name, *digits(5))
    make_official(monkeypatch, path, "test")
    server.files[FILES["test"].name] = path.read_bytes()
    argv = ["data", "check", str(tmp_path / "all"), "--download", "--mirror", url]
    assert main(argv) == 0
    assert {p.name for p in (tmp_path / "all").glob("*.mat")} == {NAME, FILES["test"].name}

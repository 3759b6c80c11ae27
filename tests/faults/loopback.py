"""A server on this machine that answers as good and as bad servers do."""

import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Server:
    """What is served, how, and what was asked for.

    Parameters
    ----------
    files : contents by name.
    how : function of the handler and the content, which answers instead of `answer`.
    """

    def __init__(self, files):
        self.files, self.how, self.asked = files, answer, []

    @contextmanager
    def running(self):
        """Yield the address."""
        this, ended = self, threading.Event()

        class Handler(BaseHTTPRequestHandler):
            wait = ended.wait

            def do_GET(self):
                this.asked.append(self.headers.get("Range"))
                name = self.path.strip("/")
                if name not in this.files:
                    self.send_error(404)
                else:
                    this.how(self, this.files[name])

            def log_message(self, *args):
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            ended.set()
            server.shutdown()
            server.server_close()
            thread.join()


def answer(handler, content, length=True, stop=None, ranges=True):
    """Send what was asked for, up to the byte `stop` of the content."""
    start = int(re.match(r"bytes=(\d+)-", handler.headers.get("Range") or "bytes=0-")[1])
    start = start if ranges else 0
    if start >= len(content):
        handler.send_error(416)
        return
    handler.send_response(206 if start else 200)
    if start:
        handler.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    if length:
        handler.send_header("Content-Length", str(len(content) - start))
    handler.end_headers()
    handler.wfile.write(content[start:stop])

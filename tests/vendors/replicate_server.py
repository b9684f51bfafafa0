"""A server that makes predictions as Replicate does: asked for once, fetched piece by piece."""

import json
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

POLLS = 3
PIECES = ("Hello", " there,\nyou", "!")
PIECE_S = 0.02


class _Requests(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Say nothing."""

    def do_POST(self):
        """Begin a prediction; with ``Prefer: wait`` it is the whole answer."""
        self.rfile.read(int(self.headers["content-length"]))
        self.server.fetched = 0
        is_whole = "wait" in self.headers.get("prefer", "") and self.server.waits
        self._send(201, self._prediction("processing" if is_whole else "starting", is_whole))

    def do_GET(self):
        """Tell the state of the prediction, or stream it."""
        if self.path.startswith("/v1/streams/"):
            self._stream()
            return
        self.server.fetched += 1
        has_ended = self.server.fetched >= POLLS
        self._send(200, self._prediction("succeeded" if has_ended else "processing", has_ended))

    def _prediction(self, status, is_whole):
        port = self.server.server_port
        told = {
            "id": "p1",
            "model": "meta/llama",
            "version": "v1",
            "input": {},
            "logs": "",
            "error": None,
            "source": "api",
            "status": status,
            "created_at": "2026-01-01T00:00:00.000Z",
            "output": list(PIECES) if is_whole else None,
            "urls": {
                "get": f"http://127.0.0.1:{port}/v1/predictions/p1",
                "cancel": f"http://127.0.0.1:{port}/v1/predictions/p1/cancel",
                # As with the vendor, from another host.
                "stream": f"http://localhost:{port}/v1/streams/p1",
            },
        }
        if status == "succeeded":
            told |= {
                "started_at": "2026-01-01T00:00:02.500Z",
                "completed_at": "2026-01-01T00:00:03.000Z",
                "metrics": {"predict_time": 0.5},
            }
        return told

    def _send(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.send_header("ratelimit-remaining", "599")
        self.end_headers()
        self.wfile.write(body)

    def _stream(self):
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for number, piece in enumerate(PIECES):
            time.sleep(PIECE_S)
            lines = "".join(f"data: {line}\n" for line in piece.split("\n"))
            self._chunk(f"event: output\nid: {number}:0\n{lines}\n")
        self._chunk("event: done\nid: 9:0\ndata: {}\n\n")
        self._chunk("")

    def _chunk(self, text):
        data = text.encode()
        self.wfile.write(b"%x\r\n%b\r\n" % (len(data), data))


@contextmanager
def serve(*, waits):
    """Serve until the block ends; *waits* tells whether it heeds ``Prefer: wait``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Requests)
    server.daemon_threads = True
    server.waits = waits
    server.fetched = 0
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

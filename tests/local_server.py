"""Servers on localhost that misbehave on demand, for tests of downloads."""

import socket
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

READS = b"".join(b">read%d\nACGTACGTTGCA\n" % i for i in range(20_000))
"""A FASTA file to serve."""


@dataclass(frozen=True)
class Answer:
    """One answer to a GET request."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    stop_after: int | None = None  # close the connection after so many bytes
    stall: float = 0.0  # seconds of silence in the middle of the body
    announce: bool = True  # send Content-Length


class LocalServer:
    """An HTTP server in a thread: `with LocalServer() as server: server.answer("/x", b"...")`.

    `requests` lists the path and headers of every request, in order. `halfway` is set whenever
    the first half of a body was sent.
    """

    def __init__(self):
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.halfway = threading.Event()

    def answer(self, path: str, *answers: Answer | bytes) -> str:
        """Give these answers at `path`, one a request, the last one for ever; returns the URL."""
        self.answers[path] = [a if isinstance(a, Answer) else Answer(a) for a in answers]
        return self.url(path)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def __enter__(self) -> "LocalServer":
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _http_handler(self))
        self._server.daemon_threads = True
        _serve(self._server)
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


def _http_handler(server: LocalServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            server.requests.append((self.path, dict(self.headers)))
            answers = server.answers.get(self.path.partition("?")[0], [Answer(status=404)])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            with suppress(ConnectionError):  # the client may be gone
                self.send(answer)

        def send(self, answer: Answer):
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.announce:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            body = answer.body[: answer.stop_after]
            self.wfile.write(body[: len(body) // 2])
            server.halfway.set()
            time.sleep(answer.stall)
            self.wfile.write(body[len(body) // 2 :])

        def log_message(self, *_):
            pass

    return Handler


class LocalFTPServer:
    """An FTP server in a thread that knows what a passive binary download needs.

    `files` maps paths to contents; `stop_after` ends each transfer after so many bytes, but
    reports success; with `facts` False, SIZE and MDTM are refused.
    """

    def __init__(self, files: dict[str, bytes], stop_after: int | None = None, facts: bool = True):
        self.files, self.stop_after, self.facts = files, stop_after, facts
        self.users: list[str] = []

    def url(self, path: str, user: str = "") -> str:
        return f"ftp://{user}127.0.0.1:{self._server.server_address[1]}{path}"

    def __enter__(self) -> "LocalFTPServer":
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _ftp_handler(self))
        self._server.daemon_threads = True
        _serve(self._server)
        return self

    def __exit__(self, *_) -> None:
        self._server.shutdown()
        self._server.server_close()


def _ftp_handler(server: LocalFTPServer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            self.say("220 ready")
            for line in self.rfile:
                command, _, argument = line.decode().strip().partition(" ")
                reply = getattr(self, f"do_{command}", None)
                self.say(reply(argument) if reply else "502 not known")

        def say(self, line):
            self.wfile.write(f"{line}\r\n".encode())

        def do_USER(self, name):
            server.users.append(name)
            return "331 password, please"

        def do_PASS(self, _):
            return "230 welcome"

        def do_TYPE(self, _):
            return "200 ok"

        def do_SIZE(self, path):
            known = server.facts and path in server.files
            return f"213 {len(server.files[path])}" if known else "550 no"

        def do_MDTM(self, _):
            return "213 20200102030405" if server.facts else "550 no"

        def do_PASV(self, _):
            self.data = socket.create_server(("127.0.0.1", 0))
            port = self.data.getsockname()[1]
            return f"227 passive (127,0,0,1,{port // 256},{port % 256})"

        def do_RETR(self, path):
            if path not in server.files:
                return "550 no such file"
            self.say("150 here it comes")
            with self.data, self.data.accept()[0] as connection:
                connection.sendall(server.files[path][: server.stop_after])
            return "226 done"

        def do_QUIT(self, _):
            return "221 bye"

    return Handler


def _serve(server: socketserver.BaseServer) -> None:
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

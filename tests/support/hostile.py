"""A provider that means harm, or is only broken: raw bytes for an answer.

An answer is bytes, or a generator of pieces that is read until whoever asked hangs up. The server
keeps what it was sent. It ends with its `with`, and no answer lasts longer than LONGEST.
"""
import contextlib
import socket
import ssl
import threading
import time

LONGEST = 30  # seconds


def reply(body=b"", status="200 OK", headers=(), kind="application/json"):
    """A well-formed HTTP answer."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Hostile:
    """On a free port of loopback; `tls` is (certificate, key)."""

    def __init__(self, answer=b"", tls=None):
        self.answer, self.asked, self.connections = answer, [], 0
        self.context = None
        if tls:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(*tls)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.ended = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended.set()
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while not self.ended.is_set():
            try:
                client = self.listener.accept()[0]
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()

    def serve(self, client):
        client.settimeout(LONGEST)
        with contextlib.suppress(OSError), client:
            if self.context:
                client = self.context.wrap_socket(client, server_side=True)
            request = read_request(client)
            if not request:
                return
            self.asked.append(request)
            answer = self.answer(request) if callable(self.answer) else self.answer
            self.say(client, [answer] if isinstance(answer, bytes) else answer)

    def say(self, client, pieces):
        until = time.monotonic() + LONGEST
        for piece in pieces:
            client.sendall(piece)
            if self.ended.is_set() or time.monotonic() > until:
                return

    def hold(self):
        """An answer that never comes, for as long as the other side waits."""
        self.ended.wait(LONGEST)
        yield b""

    def trickle(self, whole, pause=0.2):
        """One byte at a time; the pause is what is tested, not a wait for something."""
        for at in range(len(whole)):
            yield whole[at:at + 1]
            if self.ended.wait(pause):
                return


def read_request(client):
    """Head and body, as far as Content-Length says; b"" if nothing came."""
    got = b""
    while b"\r\n\r\n" not in got:
        piece = client.recv(65536)
        if not piece:
            return got
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = next((int(line.split(b":")[1]) for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        piece = client.recv(65536)
        if not piece:
            break
        body += piece
    return head + b"\r\n\r\n" + body


class Relay(Hostile):
    """Stands before a true authority: passes each request on, and its answer back.

    `between(request)` is called when the authority has answered, and nobody has heard it yet; bytes
    that it returns are answered instead.
    """

    def __init__(self, base, between=lambda request: None):
        self.port_behind, self.between = int(base.rsplit(":", 1)[1]), between
        super().__init__(self.pass_on)

    def pass_on(self, request):
        head, _, body = request.partition(b"\r\n\r\n")
        with socket.create_connection(("127.0.0.1", self.port_behind), timeout=LONGEST) as behind:
            behind.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)
            answer = b""
            while piece := behind.recv(65536):
                answer += piece
        return self.between(request) or answer

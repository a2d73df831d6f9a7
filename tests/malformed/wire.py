"""HTTP as bytes: it sends what a polite client would not, and reads answers strictly."""
import re
import socket
import time

PATIENCE = 20.0  # seconds; far beyond what an answer may take
_STATUS = re.compile(rb"HTTP/1\.1 (\d{3}) [A-Za-z '-]+")
_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+): ([\x20-\x7e\x80-\xff\t]*)")


class Broken(Exception):
    """What came back is no HTTP answer, or nothing came."""


class Answer:
    def __init__(self, status, headers, body, took, closed):
        self.status, self.headers, self.body = status, headers, body
        self.took, self.closed = took, closed

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        return values[0] if values else None

    def raw(self):
        """Everything that was said, for a search in it."""
        return b"".join(f"{k}: {v}\r\n".encode("latin-1") for k, v in self.headers) + b"\r\n" + self.body

    def steady(self):
        """What is left when the time and the request's number are taken away."""
        return self.status, [h for h in self.headers if h[0] not in ("Date", "X-Request-Id")], self.body


class Line:
    """A connection that is kept for as long as the server keeps it."""

    def __init__(self, base):
        host, _, port = base.removeprefix("http://").partition(":")
        self.base, self.place = base, (host, int(port))
        self.socket, self.rest = None, b""

    def close(self):
        if self.socket:
            self.socket.close()
        self.socket, self.rest = None, b""

    def open(self):
        self.close()
        self.socket = socket.create_connection(self.place, timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, raw):
        """One request, one answer. A kept connection that has gone meanwhile is opened anew."""
        for fresh in ([False, True] if self.socket else [True]):
            if fresh:
                self.open()
            try:
                return self.exchange(raw)
            except Broken as what:
                self.close()
                if fresh or "nothing" not in str(what):
                    raise
        raise Broken("nothing came")

    def exchange(self, raw):
        began = time.monotonic()
        try:
            self.socket.sendall(raw)
        except OSError:
            pass  # it may have answered before it had read everything
        answer = self.read(raw.startswith(b"HEAD "), began)
        if answer.closed:
            self.close()
        elif self.rest:
            rest, self.rest = self.rest, b""
            self.close()
            raise Broken(f"bytes after the answer: {rest[:80]!r}")
        return answer

    def more(self):
        try:
            bytes_ = self.socket.recv(65536)
        except TimeoutError as late:
            raise Broken(f"no answer within {PATIENCE:.0f} s") from late
        except OSError:
            bytes_ = b""
        if not bytes_:
            raise Broken("cut short" if self.rest else "nothing came")
        self.rest += bytes_

    def read(self, head_only, began):
        while b"\r\n\r\n" not in self.rest:
            self.more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        if head.startswith(b"HTTP/1.1 100 "):
            return self.read(head_only, began)
        status, headers = parse_head(head)
        answer = Answer(status, headers, b"", 0, (dict(headers).get("Connection") == "close"))
        lengths = answer.all("Content-Length")
        if status in (204, 304):
            if lengths:
                raise Broken("a length where there is no body")
        elif len(lengths) != 1 or not lengths[0].isdigit():
            raise Broken(f"lengths {lengths}")
        elif not head_only:
            while len(self.rest) < int(lengths[0]):
                self.more()
            answer.body, self.rest = self.rest[:int(lengths[0])], self.rest[int(lengths[0]):]
        answer.took = time.monotonic() - began
        return answer


def parse_head(head):
    first, *lines = head.split(b"\r\n")
    status = _STATUS.fullmatch(first)
    if not status:
        raise Broken(f"status line {first[:80]!r}")
    headers = []
    for line in lines:
        field = _FIELD.fullmatch(line)
        if not field:
            raise Broken(f"header line {line[:80]!r}")
        headers.append((field[1].decode(), field[2].decode("latin-1")))
    names = [name for name, _ in headers]
    if len(set(names) - {"Set-Cookie"}) != len([n for n in names if n != "Set-Cookie"]):
        raise Broken(f"repeated header fields {names}")
    return int(status[1]), headers


def to_bytes(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def request(method, target, headers=(), body=None, host="127.0.0.1"):
    """Bytes of a request; nothing in it is checked or escaped. `headers` are pairs."""
    parts = [to_bytes(method) + b" " + to_bytes(target) + b" HTTP/1.1\r\nHost: " + to_bytes(host)]
    parts += [to_bytes(name) + b": " + to_bytes(value) for name, value in headers]
    if body is not None:
        parts.append(b"Content-Length: %d" % len(to_bytes(body)))
    return b"\r\n".join(parts) + b"\r\n\r\n" + (b"" if body is None else to_bytes(body))

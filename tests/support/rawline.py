"""A plain HTTP request on a socket of its own, and everything that comes back, byte by byte."""
import json
import socket
import time
import urllib.parse

PATIENCE = 30
BLOCK = 1 << 20


class Heard:
    """What came until the connection ended: `how` is "closed", "reset" or "timeout"."""

    def __init__(self, text, how, first, seconds):
        self.text, self.how, self.first, self.seconds = text, how, first, seconds
        head, _, self.body = text.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.status = int(lines[0].split()[1]) if text else None
        self.fields = [tuple(line.split(": ", 1)) for line in lines[1:] if ": " in line]

    def field(self, name):
        found = [value for key, value in self.fields if key.lower() == name.lower()]
        return found[0] if found else None

    def json(self):
        return json.loads(self.body)


class RawLine:
    """One connection to `base`."""

    def __init__(self, base, patience=PATIENCE):
        at = urllib.parse.urlsplit(base)
        self.socket = socket.create_connection((at.hostname, at.port), timeout=patience)
        self.host, self.began = at.netloc, time.monotonic()

    def ask(self, method, path, body="", fields=()):
        text = body if isinstance(body, str) else json.dumps(body)
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Connection: close",
                 "Content-Type: application/json", f"Content-Length: {len(text.encode())}",
                 *(f"{name}: {value}" for name, value in fields)]
        self.began = time.monotonic()
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n" + text).encode())
        return self

    def hear(self, most=None):
        """Everything, or at least `most` bytes of it."""
        parts, size, first, how = [], 0, None, "closed"
        try:
            while most is None or size < most:
                part = self.socket.recv(BLOCK)
                if not part:
                    break
                if first is None:
                    first = time.monotonic() - self.began
                parts.append(part)
                size += len(part)
        except ConnectionResetError:
            how = "reset"
        except TimeoutError:
            how = "timeout"
        self.socket.close()
        return Heard(b"".join(parts), how, first, time.monotonic() - self.began)


def exchange(base, method, path, body="", fields=()):
    return RawLine(base).ask(method, path, body, fields).hear()

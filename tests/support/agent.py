"""The agent of a Broker, and HTTP over its socket, for tests."""
import json
import os
import signal
import socket
import subprocess
import time


class Agent:
    """`latchkey agent run` of that broker; it ends with this object."""

    def __init__(self, broker, offset=None, extra=None, arguments=()):
        self.broker = broker
        self.environment = dict(broker.environment, **(extra or {}))
        if offset:
            self.environment["LATCHKEY_CLOCK_OFFSET"] = offset
        self.socket = self.environment.get("LATCHKEY_AGENT_SOCKET") or socket_of(broker)
        self.log = open(broker.home / "agent.log", "ab")
        ready, say_ready = os.pipe()
        self.process = subprocess.Popen(
            [broker.program, "agent", "run", "--ready", str(say_ready), *arguments], env=self.environment,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, pass_fds=[say_ready])
        os.close(say_ready)
        with os.fdopen(ready) as words:
            self.said = words.readline().strip()
        if self.said != "ready":
            self.process.wait(timeout=30)

    def ask(self, method, path, headers=None, body="", timeout=60):
        """Status and body."""
        return ask(self.socket, method, path, headers, body, timeout)

    def status(self):
        return json.loads(self.ask("GET", "/v1/status")[1])

    def events(self):
        return Events(self.socket)

    def log_text(self):
        return (self.broker.home / "agent.log").read_text(errors="replace")

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/status") as lines:
            return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def kill(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.kill()
        self.log.close()
        return self.process.returncode

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Events:
    """The stream, from now on."""

    def __init__(self, path):
        self.connection = connect(path, 30)
        self.connection.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.lines = self.connection.makefile("r", encoding="utf-8", newline="")
        self.head = ""
        while not self.head.endswith("\r\n\r\n"):
            self.head += self.lines.readline()

    def next(self, *kinds):
        """The next one of these kinds; fails after half a minute without."""
        while True:
            line = self.lines.readline()
            if not line:
                raise EOFError("the stream has ended")
            event = json.loads(line)
            if not kinds or event["event"] in kinds:
                return event

    def close(self):
        self.lines.close()
        self.connection.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def socket_of(broker):
    return broker.environment["XDG_RUNTIME_DIR"] + "/latchkey/agent.sock"


def connect(path, timeout=30):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(path))  # waits where many do
    connection.settimeout(timeout)
    return connection


def ask(path, method, target, headers=None, body="", timeout=60):
    lines = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if method != "GET":
        lines.append(f"Content-Length: {len(body.encode())}")
    with connect(path, timeout) as connection:
        connection.sendall(("\r\n".join(lines) + "\r\n\r\n" + body).encode())
        answer = read_all(connection)
    head, _, text = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), text.decode()


def read_all(connection):
    answer = b""
    while True:
        try:
            piece = connection.recv(65536)
        except ConnectionResetError:
            return answer
        if not piece:
            return answer
        answer += piece


def until(condition, patience=20):
    """Looks again and again until it is so; what it was then."""
    end = time.monotonic() + patience
    while True:
        value = condition()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.02)

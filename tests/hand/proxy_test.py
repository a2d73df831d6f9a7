#!/usr/bin/env python3
"""latchkey proxy: what goes through, what does not, and how it ends (promises I7, I8, I12)."""
import http.client
import json
import pathlib
import signal
import socket
import sys
import threading

from stage import Stage, equal, eventually
from play import play

KEY = "X-Latchkey-Key"


class Provider:
    """An API that the test writes: one handler for each connection's request."""

    def __init__(self, answer):
        self.answer, self.seen = answer, []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                peer, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.talk, args=(peer,), daemon=True).start()

    def talk(self, peer):
        with peer:
            head = b""
            while b"\r\n\r\n" not in head:
                more = peer.recv(65536)
                if not more:
                    return
                head += more
            head, _, rest = head.partition(b"\r\n\r\n")
            self.seen.append(head.decode())
            self.answer(peer, head.decode(), rest, len(self.seen))

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept()
        self.socket.close()


class Proxy:
    def __init__(self, stage, profile, *words):
        self.process = stage.start("proxy", profile, *words)
        self.address = self.process.stdout.readline().strip()
        if not self.address:
            raise AssertionError(self.process.stderr.read())
        self.lines = []
        self.reader = threading.Thread(target=lambda: self.lines.extend(self.process.stderr), daemon=True)
        self.reader.start()

    def connection(self):
        if self.address.startswith("unix:"):
            made = http.client.HTTPConnection("localhost", timeout=30)
            made.sock = socket.socket(socket.AF_UNIX)
            made.sock.connect(self.address[5:])
            return made
        return http.client.HTTPConnection(self.address[7:], timeout=30)

    def ask(self, method, path, body=None, headers=None):
        link = self.connection()
        link.request(method, path, body, headers or {})
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, answer.headers, text

    def stop(self):
        self.process.terminate()
        code = self.process.wait(30)
        self.reader.join()
        return code


def opened(stage, profile, *words):
    return Proxy(stage, profile, "--listen", "127.0.0.1:0", "--open-to-this-machine", *words)


def with_api(stage, provider, name="chat"):
    """The sandbox issues the tokens, this provider takes them."""
    hub = stage.sandbox.info["systems"]["chathub"]
    stage.configure(f"""
[profiles.api]
provider = "chathub"
base_url = "{stage.sandbox.base}"
api_url = "{provider.url}"
timeout = "3s"
login = "{hub['users'][0]['login']}"
password_file = "{stage.broker.home / 'chat-password'}"
""")


def plain(peer, status="200 OK", body=b"{}", *fields):
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *fields])
    peer.sendall(head.encode() + b"\r\n\r\n" + body)


def it_brings_the_token_and_nothing_of_the_callers(bin):
    with Stage(bin) as stage:
        proxy = opened(stage, "chat")
        status, headers, text = proxy.ask("GET", "/api/operator", headers={
            "Authorization": "Bearer wrong", "Cookie": "a=b", "X-Authorization-Key": "wrong"})
        equal((status, json.loads(text)[0]["name"]), (200, "Olena"))
        equal(proxy.ask("GET", "/api/nothing")[0], 404)
        equal(proxy.ask("HEAD", "/api/operator")[2], b"")
        equal(proxy.stop(), 0)
        token = stage.token("chat")
        equal(any(token in line for line in proxy.lines), False, "a secret was logged")
        logged = [json.loads(line) for line in proxy.lines if line.startswith("{")]
        equal([(one["target"], one["status"]) for one in logged],
              [("/api/operator", "200"), ("/api/nothing", "404"), ("/api/operator", "200")])


def it_serves_on_a_unix_socket(bin):
    with Stage(bin) as stage:
        path = stage.broker.home / "proxy.sock"
        proxy = Proxy(stage, "hub", "--listen", f"unix:{path}")
        equal(proxy.address, f"unix:{path}")
        equal(oct(path.stat().st_mode & 0o777), "0o600")
        equal(proxy.ask("GET", "/api/company/organization")[0], 200)
        equal(proxy.stop(), 0)
        equal(path.exists(), False, "the socket is left")


def it_seals_bodies_where_the_wire_does(bin):
    with Stage(bin) as stage:
        stage.latchkey("login", "pay")
        proxy = opened(stage, "pay")
        body = json.dumps({"from_date": "2026-01-01 00:00:00", "to_date": "2099-12-31 23:59:59", "limit": 10, "page": 1})
        for headers in ({"Content-Type": "application/json"}, {"Partner-Code": "somebody"}):
            status, _, text = proxy.ask("POST", "/openapi/v1/transaction/qr", body, headers)
            equal((status, b"transactions" in text), (200, True), text)
        equal(proxy.ask("POST", "/openapi/v1/transaction/qr", b"x" * (1024 * 1024 + 1))[0], 413)
        proxy.stop()


def it_wants_the_key(bin):
    with Stage(bin) as stage:
        file = stage.broker.home / "key"
        proxy = Proxy(stage, "chat", "--listen", "127.0.0.1:0", "--require-key-file", file)
        equal(oct(file.stat().st_mode & 0o777), "0o600")
        for headers in ({}, {KEY: "x"}, {KEY: file.read_text().strip() + "x"}):
            equal(proxy.ask("GET", "/api/operator", headers=headers)[0], 401)
        key = file.read_text().strip()
        equal(proxy.ask("GET", "/api/operator", headers={KEY: key})[0], 200)
        proxy.stop()
        equal(any(key in line for line in proxy.lines), False)
        again = Proxy(stage, "chat", "--listen", "127.0.0.1:0", "--require-key-file", file)
        equal(again.ask("GET", "/api/operator", headers={KEY: key})[0], 200)
        again.stop()


def it_answers_no_rebound_name_and_no_foreign_page(bin):
    with Stage(bin) as stage:
        proxy = opened(stage, "chat")
        port = proxy.address.rsplit(":", 1)[1]
        for headers in ({"Host": "evil.example"}, {"Host": f"evil.example:{port}"}, {"Origin": "https://evil.example"},
                        {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "localhost:1"}):
            equal(proxy.ask("GET", "/api/operator", headers=headers)[0], 403, headers)
        equal(proxy.ask("GET", "/api/operator", headers={"Host": f"localhost:{port}"})[0], 200)
        equal(proxy.ask("GET", "http://evil.example/api/operator")[0], 403)
        equal(proxy.ask("CONNECT", "evil.example:443")[0] in (400, 405), True)
        equal(proxy.ask("TRACE", "/api/operator")[0], 405)
        equal(proxy.ask("GET", "/api/operator", headers={"Upgrade": "websocket", "Connection": "Upgrade"})[0], 405)
        proxy.stop()


def it_renews_and_asks_again_after_a_401(bin):
    def answer(peer, head, rest, number):
        plain(peer, "401 Unauthorized", b"old") if number == 1 else plain(peer, body=b"new")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        equal(proxy.ask("PUT", "/x", b"body")[::2], (200, b"new"))
        tokens = [line for head in provider.seen for line in head.split("\r\n") if line.startswith("Authorization")]
        equal(len(set(tokens)), 2, "two tokens")
        proxy.stop()
        equal('"repeated":"true"' in "".join(proxy.lines), True)
    provider.close()


def it_never_repeats_what_may_have_been_done(bin):
    def answer(peer, head, rest, number):
        plain(peer, "401 Unauthorized", b"no")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        equal(proxy.ask("POST", "/order", b"buy")[::2], (401, b"no"))
        equal(len(provider.seen), 1)
        # And a provider that refuses whatever comes costs one renewal a minute, not one a request.
        eventually("another token for the next one", lambda: logins(stage) == 2)
        for _ in range(5):
            equal(proxy.ask("GET", "/x")[0], 401)
        equal(logins(stage), 2, "logins")
        proxy.stop()
    provider.close()


def logins(stage):
    return sum(one["operation"] == "login" for one in json.loads(stage.sandbox.control("requests", "--json")))


def it_passes_pieces_on_as_they_come(bin):
    released = threading.Event()

    def answer(peer, head, rest, number):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
                     b"c\r\ndata: one\n\n\x20\r\n")
        released.wait(30)
        peer.sendall(b"b\r\ndata: two\n\n\r\n0\r\n\r\n")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        link = proxy.connection()
        link.request("GET", "/events")
        stream = link.getresponse()
        equal(stream.getheader("Content-Type"), "text/event-stream")
        equal(stream.readline(), b"data: one\n")
        released.set()
        equal(stream.read().endswith(b"data: two\n\n"), True)
        proxy.stop()
    provider.close()


def memory_of(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().split("\n"):
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no memory")


def it_holds_no_body_whole(bin):
    size = 64 * 1024 * 1024

    def answer(peer, head, rest, number):
        taken = len(rest)
        while taken < size:
            taken += len(peer.recv(1 << 20))
        peer.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n".encode())
        for _ in range(64):
            peer.sendall(b"y" * (1 << 20))

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        before = memory_of(proxy.process.pid)
        link = proxy.connection()
        link.putrequest("POST", "/big")
        link.putheader("Content-Length", str(size))
        link.endheaders()
        for _ in range(64):
            link.send(b"x" * (1 << 20))
        stream = link.getresponse()
        got = 0
        while piece := stream.read(1 << 20):
            got += len(piece)
        equal(got, size)
        grown = memory_of(proxy.process.pid) - before
        if grown > 16 * 1024 * 1024:
            raise AssertionError(f"the proxy grew by {grown} bytes")
        proxy.stop()
    provider.close()


def it_ends_the_call_when_the_caller_has_gone(bin):
    gone = threading.Event()

    def answer(peer, head, rest, number):
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")
        peer.settimeout(30)
        if peer.recv(1) == b"":
            gone.set()

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        link = proxy.connection()
        link.request("GET", "/events")
        link.getresponse().read(3)
        link.sock.shutdown(socket.SHUT_RDWR)
        link.close()
        equal(gone.wait(20), True, "the provider's connection is closed")
        proxy.stop()
    provider.close()


def it_shows_that_an_answer_was_cut(bin):
    def answer(peer, head, rest, number):
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        try:
            proxy.ask("GET", "/x")
            raise AssertionError("the answer looks whole")
        except http.client.IncompleteRead as half:
            equal(half.partial, b"one")
        proxy.stop()
    provider.close()


def it_says_why_nobody_answers(bin):
    def silent(peer, head, rest, number):
        peer.settimeout(30)
        peer.recv(1)

    provider = Provider(silent)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        status, _, text = proxy.ask("GET", "/x")
        equal((status, json.loads(text)["error"]), (504, "no_answer"))
        provider.close()
        status, _, text = proxy.ask("GET", "/x")
        equal((status, json.loads(text)["error"]), (503, "unavailable"))
        proxy.stop()


def it_sends_no_cookie_back(bin):
    def answer(peer, head, rest, number):
        plain(peer, "200 OK", b"{}", "Set-Cookie: session=1", "X-Kept: yes", "Strict-Transport-Security: max-age=1")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        headers = proxy.ask("GET", "/x")[1]
        equal((headers["Set-Cookie"], headers["Strict-Transport-Security"], headers["X-Kept"]), (None, None, "yes"))
        proxy.stop()
    provider.close()


def it_finishes_what_it_began_when_it_is_told_to_stop(bin):
    asked, released = threading.Event(), threading.Event()

    def answer(peer, head, rest, number):
        asked.set()
        released.wait(30)
        plain(peer, body=b"done")

    provider = Provider(answer)
    with Stage(bin) as stage:
        with_api(stage, provider)
        proxy = opened(stage, "api")
        seen = []
        caller = threading.Thread(target=lambda: seen.append(proxy.ask("GET", "/x")[2]))
        caller.start()
        asked.wait(30)
        proxy.process.send_signal(signal.SIGTERM)
        host, port = proxy.address[7:].split(":")

        def refused():
            try:
                socket.create_connection((host, int(port)), 1).close()
                return False
            except OSError:
                return True

        released.set()
        caller.join(30)
        equal(seen, [b"done"])
        equal(proxy.process.wait(30), 0)
        eventually("nobody listens", refused)
    provider.close()


def it_is_not_stopped_by_many_callers(bin):
    with Stage(bin) as stage:
        proxy = opened(stage, "chat")
        statuses = []

        def call():
            for _ in range(10):
                statuses.append(proxy.ask("GET", "/api/operator")[0])

        callers = [threading.Thread(target=call) for _ in range(16)]
        for caller in callers:
            caller.start()
        for caller in callers:
            caller.join()
        equal(set(statuses), {200})
        equal(len(statuses), 160)
        proxy.stop()


if __name__ == "__main__":
    sys.exit(play(globals()))

#!/usr/bin/env python3
"""An authority under mixed load for a while: what it holds must stay as it is.       // promise I8

    authority_soak.py --bin DIRECTORY [--seconds N] [--strict]

Clients of four dialects log in, refresh, replay spent tokens, validate, introspect and revoke; others flood it with
refusals, or send a byte at a time. The clock jumps ahead, so that everything expires and leaves. After a third of the time,
resident memory, descriptors and the size of the store are what they stay. --strict holds them closer, and the slowest
answers too, for ten minutes on a machine that does nothing else.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import re
import socket
import statistics
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import logins  # noqa: E402
import standard  # noqa: E402
from sandbox import Sandbox  # noqa: E402

JUMP, JUMPS = "27h", 6  # everything that lives is over then, and may leave
SLOW_CLIENTS = 12
MORE_MEMORY, SLACK_MIB = 1.35, 24
STRICT_MEMORY, STRICT_MIB = 1.1, 8
MORE_STORE, SLACK_STORE = 2.0, 64 << 20  # it is written out of the log by up to 64 MiB at a time
STRICT_STORE, STRICT_BYTES = 1.25, 8 << 20
MOST_LOG = 128 << 20
MORE_P99, SLACK_P99 = 2.0, 0.02  # s
GOOD = {200, 202}
WANTED = {"/api/v3/auth/refresh", "/oauth2/token", "/api/operator/validate-token", standard.TOKEN, standard.INTROSPECT,
          standard.REVOKE}
REFUSED = {400, 401, 403, 404, 405, 408, 409, 411, 413, 415, 422, 429, 431, 503}


class Authority:
    """What it takes of the machine."""

    def __init__(self, sandbox, directory):
        self.process, self.directory = f"/proc/{sandbox.process.pid}", pathlib.Path(directory)
        program = pathlib.Path(self.process, "exe").read_bytes()
        self.is_sanitized = b"__asan_init" in program or b"__tsan_init" in program  # they keep what was freed

    def resident_mib(self):
        return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(self.process, "status").read_text())[1]) / 1024

    def descriptors(self):
        return len(os.listdir(f"{self.process}/fd"))

    def stored(self):
        """Without its log, which has a bound of its own."""
        return (self.directory / "latchkeyd.db").stat().st_size

    def log(self):
        return (self.directory / "latchkeyd.db-wal").stat().st_size

    def look(self):
        return {"resident": self.resident_mib(), "descriptors": self.descriptors(), "store": self.stored(), "log": self.log()}


class Soak:
    def __init__(self, sandbox, authority, seconds, strict=False):
        self.sandbox, self.authority, self.seconds, self.strict = sandbox, authority, seconds, strict
        self.port = int(sandbox.base.rsplit(":", 1)[1])
        self.over, self.lock = threading.Event(), threading.Lock()
        self.wrong, self.answers, self.done, self.good = [], [], 0, set()
        self.jumping = threading.Lock()  # a login and the clock must agree

    def blame(self, what):
        with self.lock:
            self.wrong.append(what)

    def ask(self, wire, method, path, body, headers, accepted):
        began = time.monotonic()
        wire.request(method, path, body, headers)
        answer = wire.getresponse()
        text = answer.read().decode()
        ended = time.monotonic()
        with self.lock:
            self.answers.append((ended, ended - began))
            self.done += 1
            if answer.status in GOOD:
                self.good.add(path)
        if answer.status not in accepted:
            self.blame(f"{method} {path}: {answer.status}: {text[:200]}")
        return answer.status, text

    # -- clients --------------------------------------------------------------------

    def chain(self, login, refresh, chance):
        """Refreshes until the token is over; sometimes sends a spent one, which may end the family."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            with self.jumping:
                token, spent = login(self.sandbox), None
            while token and not self.over.is_set():
                replay = spent is not None and chance.random() < 0.02
                status, text = refresh(wire, spent if replay else token)
                if replay:
                    continue
                token, spent = (text if status in GOOD else None), token
        wire.close()

    def fastconnect(self, chance):
        def refresh(wire, token):
            status, text = self.ask(wire, "POST", "/api/v3/auth/refresh", json.dumps({"refreshToken": token}),
                                    logins.AS_JSON, GOOD | REFUSED)
            return status, json.loads(text).get("refreshToken") if status in GOOD else text
        self.chain(logins.fastconnect, refresh, chance)

    def sinopac(self, chance):
        def refresh(wire, token):
            status, text = self.ask(wire, "POST", "/oauth2/token", logins.sinopac_refresh_form(self.sandbox, token),
                                    logins.AS_FORM, GOOD | REFUSED)
            return status, json.loads(text).get("refresh_token") if status in GOOD else text
        self.chain(logins.sinopac, refresh, chance)

    def people(self, chance):
        """Logins in a browser on the standard wire."""
        client = standard.Client(self.sandbox, "demo-web")

        def refresh(wire, token):
            status, text = self.post(wire, standard.TOKEN, client, grant_type="refresh_token", refresh_token=token)
            return status, json.loads(text).get("refresh_token") if status in GOOD else text
        self.chain(lambda _: client.log_in()["refresh_token"], refresh, chance)

    def services(self, chance):
        """Tokens of a client's own: asked for, looked at and given back."""
        client = standard.Client(self.sandbox, "demo-service")
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            status, text = self.post(wire, standard.TOKEN, client, grant_type="client_credentials")
            token = json.loads(text).get("access_token") if status in GOOD else None
            for _ in range(chance.randint(0, 20) if token else 0):
                self.post(wire, standard.INTROSPECT, client, token=token)
            if token and chance.random() < 0.5:
                self.post(wire, standard.REVOKE, client, token=token)
        wire.close()

    def post(self, wire, path, client, **form):
        return self.ask(wire, "POST", path, urllib.parse.urlencode(dict(client.shown, **form)), logins.AS_FORM, GOOD | REFUSED)

    def chathub(self, chance):
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            with self.jumping:
                company, operator = logins.chathub(self.sandbox)
            for _ in range(chance.randint(50, 400)):
                self.ask(wire, "POST", "/api/operator/validate-token", json.dumps({"token": operator}),
                         dict(logins.AS_JSON, Authorization=f"Bearer {company}"), GOOD | REFUSED)
                if self.over.is_set():
                    break
        wire.close()

    # -- attackers -------------------------------------------------------------------

    def flood(self, chance):
        """Refused as fast as it can ask."""
        wire = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            path, body, kind = chance.choice((
                ("/api/v3/auth/refresh", json.dumps({"refreshToken": f"{chance.random()}"}), logins.AS_JSON),
                ("/oauth2/token", "grant_type=refresh_token&refresh_token=x&client_id=x&client_secret=x", logins.AS_FORM),
                ("/api/v3/auth/token", json.dumps({"apiKey": f"{chance.random()}", "apiSecret": "x"}), logins.AS_JSON),
                ("/api/v3/auth/refresh", "{" * 60, logins.AS_JSON), (f"/nothing/{chance.random()}", "x", logins.AS_FORM)))
            self.ask(wire, "POST", path, body, kind, REFUSED)
        wire.close()

    def slow(self, chance):
        """Heads that never end."""
        wires = []
        while not self.over.is_set():
            while len(wires) < SLOW_CLIENTS:
                wires.append(socket.create_connection(("127.0.0.1", self.port), timeout=60))
                wires[-1].sendall(b"POST /oauth2/token HTTP/1.1\r\nX: ")
            for wire in list(wires):
                try:
                    wire.sendall(b"x")
                except OSError:  # it was cut, as it should be
                    wires.remove(wire)
                    wire.close()
            self.over.wait(chance.uniform(0.1, 0.5))
        for wire in wires:
            wire.close()

    def guarded(self, work, chance):
        try:
            work(chance)
        except Exception as what:  # a client that dies must not do so in silence
            self.blame(f"{work.__name__}: {type(what).__name__}: {what}")
            self.over.set()

    # -- the day ---------------------------------------------------------------------

    def jump(self):
        with self.jumping:
            self.sandbox.advance(JUMP)

    def run(self):
        works = [self.fastconnect, self.fastconnect, self.sinopac, self.sinopac, self.chathub, self.people,
                 self.services, self.flood, self.slow]
        threads = [threading.Thread(target=self.guarded, args=(work, random.Random(seed)))
                   for seed, work in enumerate(works)]
        at_rest = self.authority.descriptors()
        began = time.monotonic()
        for thread in threads:
            thread.start()
        looks = []
        for step in range(1, JUMPS + 1):
            self.over.wait(max(0, began + self.seconds * step / JUMPS - time.monotonic()))
            looks.append(self.authority.look())
            self.jump()
        self.over.set()
        for thread in threads:
            thread.join()
        self.judge(looks, at_rest, began)
        return looks

    def judge(self, looks, at_rest, began):
        first, last = looks[JUMPS // 3 - 1], looks[-1]
        memory, mib = (STRICT_MEMORY, STRICT_MIB) if self.strict else (MORE_MEMORY, SLACK_MIB)
        store, slack = (STRICT_STORE, STRICT_BYTES) if self.strict else (MORE_STORE, SLACK_STORE)
        if not self.authority.is_sanitized:
            self.hold("resident memory, MiB", last["resident"], first["resident"] * memory + mib)
        self.hold("bytes of the store", last["store"], first["store"] * store + slack)
        self.hold("bytes of the log", last["log"], MOST_LOG)
        self.hold("descriptors under load", last["descriptors"], first["descriptors"] + SLOW_CLIENTS + 8)
        end = time.monotonic() + 60  # connections are closed when the server has heard of it
        while self.authority.descriptors() > at_rest + 8 and time.monotonic() < end:
            time.sleep(0.05)
        self.hold("descriptors at the end", self.authority.descriptors(), at_rest + 8)
        for path in sorted(WANTED - self.good):
            self.blame(f"{path}: nobody was answered well")

    def hold(self, what, found, most):
        if found > most:
            self.blame(f"{what}: {found:.0f}, at most {most:.0f} was expected")

    def slowest(self, began):
        """p99 of each third, in seconds."""
        third = self.seconds / 3
        return [statistics.quantiles([took for at, took in self.answers if third * i <= at - began < third * (i + 1)] or [0, 0],
                                     n=100)[98] for i in range(3)]


def main():
    parser = argparse.ArgumentParser(description="an authority under mixed load")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Sandbox(options.bin, "--plain", "--threads", "2", "--dir", directory) as sandbox:
        soak = Soak(sandbox, Authority(sandbox, directory), options.seconds, options.strict)
        began = time.monotonic()
        looks = soak.run()
        p99 = soak.slowest(began)
    if options.strict and p99[2] > MORE_P99 * p99[0] + SLACK_P99:
        soak.blame(f"p99 of the last third: {1e3 * p99[2]:.1f} ms, of the first: {1e3 * p99[0]:.1f} ms")
    for look in looks:
        print(f"resident {look['resident']:.1f} MiB, {look['descriptors']} descriptors, store {look['store'] / 2**20:.1f} MiB, "
              f"log {look['log'] / 2**20:.1f} MiB")
    print(f"{soak.done} answers in {options.seconds:g} s; p99 of each third: "
          + ", ".join(f"{1e3 * each:.1f} ms" for each in p99))
    print("\n".join(soak.wrong[:40]) or "ok")
    return 1 if soak.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

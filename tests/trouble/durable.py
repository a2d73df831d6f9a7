#!/usr/bin/env python3
"""What is answered is on the disk before, and many commits share one trip to it.    // promise I4, checklist 26

    durable.py --bin DIRECTORY

The kernel is asked: strace attends while refreshes are served, and tells the order of what was read from a client,
of the log's syncs, and of what was sent. A copy of the file or a SIGKILL would see the page cache only.
"""
import argparse
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.parse

from house import REFRESH, House
import kernel

AT_ONCE = 48
PATIENCE = 60
SLOW_DISK = 50_000  # microseconds a sync, so that questions come faster than it is done
CALL = re.compile(r"^(\d+) +(?:(\w+)\((\d+)<([^>]*)>(.*)|<\.\.\. (\w+) resumed>(.*))$")
SUCCESS = re.compile(r"= 0( \(DELAYED\))?$")
wrong = []


def expect(what, good, seen=""):
    if not good:
        wrong.append(f"{what}: {seen}")


class Attended:
    """The calls of a running process that matter, in order: (kind, file or socket, text, began, ended)."""

    def __init__(self, process):
        self.log = tempfile.NamedTemporaryFile(prefix="latchkey-")
        self.strace = subprocess.Popen(
            ["strace", "-f", "-y", "-s", "96", "-e", "trace=fdatasync,fsync,recvfrom,recvmsg,sendto,sendmsg",
             "-e", f"inject=fdatasync:delay_enter={SLOW_DISK}", "-o", self.log.name, "-p", str(process.pid)], stderr=subprocess.PIPE, text=True)
        self.attached = "attached" in self.strace.stderr.readline()

    def end(self):
        self.strace.send_signal(signal.SIGINT)
        self.strace.communicate(timeout=PATIENCE)
        return list(self.calls(self.log.read().decode(errors="replace").splitlines()))

    @staticmethod
    def calls(lines):
        open_calls = {}
        for at, line in enumerate(lines):
            match = CALL.match(line)
            if not match:
                continue
            thread, name, number, path, text, resumed, rest = match.groups()
            if resumed:
                if thread in open_calls:
                    name, number, path, text, began = open_calls.pop(thread)
                    yield name, f"{number} {path}", text + rest, began, at
            elif text.endswith("<unfinished ...>"):
                open_calls[thread] = name, number, path, text, at
            else:
                yield name, f"{number} {path}", text, at, at


def request(token):
    body = json.dumps({"refreshToken": token})
    return (f"POST {REFRESH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def read_answer(wire):
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += wire.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: *(\d+)", head, re.I)[1])
    while len(body) < length:
        body += wire.recv(65536)
    return int(head.split()[1])


def refresh_all(house, tokens):
    """All are there when the process goes on, each on a connection of its own; the statuses."""
    where = urllib.parse.urlsplit(house.base)
    wires = [socket.create_connection((where.hostname, where.port), PATIENCE) for _ in tokens]
    house.process.send_signal(signal.SIGSTOP)
    for wire, token in zip(wires, tokens):
        wire.sendall(request(token))
    house.process.send_signal(signal.SIGCONT)
    statuses = [read_answer(wire) for wire in wires]
    for wire in wires:
        wire.close()
    return statuses


def judge(calls, asked):
    """Each answer was sent after a sync of the log that began after its question was read; how many syncs there were."""
    read_at, answered = {}, 0
    syncs = [(began, ended) for name, what, text, began, ended in calls
             if name in ("fdatasync", "fsync") and what.endswith("-wal") and SUCCESS.search(text)]
    for name, what, text, began, ended in calls:
        if name.startswith("recv") and f"POST {REFRESH}" in text:
            read_at[what] = ended
        elif name.startswith("send") and "HTTP/1.1 200" in text and what in read_at:
            answered += 1
            since = read_at.pop(what)
            expect("an answer waits for the disk", any(since <= start and end <= began for start, end in syncs), text[:60])
    expect("each was seen", answered == asked, f"{answered} of {asked}")
    return len(syncs)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    binaries = parser.parse_args().bin
    kernel.require_strace()
    with House(binaries, {"single_session": False}) as house:
        for number in range(AT_ONCE):
            house.add_key(f"key-{number}")
        house.serve()
        held = [house.log_in(f"key-{number}")["refreshToken"] for number in range(AT_ONCE)]
        attended = Attended(house.process)
        if not attended.attached:
            print("skipped: strace may not attach")
            return kernel.SKIPPED
        statuses = refresh_all(house, held)
        expect("all are answered", statuses == [200] * AT_ONCE, statuses)
        syncs = judge(attended.end(), AT_ONCE)
        expect("many share a sync", 0 < syncs <= AT_ONCE / 2, f"{syncs} for {AT_ONCE}")
    print("\n".join(wrong) or f"{AT_ONCE} answers, each after its sync; {syncs} syncs")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
"""No network, and a name server that says nothing.                  // promises I8, N11

    silence.py --bin DIRECTORY

A valid cached token needs no socket at all: strace sees none but the agent's. At expiry, a host whose
name nobody resolves ends the command by its deadline and one second. The silent name server is in
namespaces of this test's own.
"""
import argparse
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from five import Five  # noqa: E402
from kernel import require_strace, trace  # noqa: E402

PATIENCE = 2
DEADLINE = PATIENCE + 1
TRY_LATER = 6
HOST = "https://provider.example.com"


def no_socket(five, profiles):
    wrong = []
    for profile in profiles:
        for words in (("token", profile), ("header", profile), ("token", "--json", profile)):
            done, calls = trace([five.broker.program, *words], five.directory / "trace", env=dict(
                five.broker.environment, LATCHKEY_AGENT_SOCKET=""))
            if done.returncode != 0:
                wrong.append(f"{' '.join(words)}: {done.returncode}: {done.stderr.strip()}")
            used = [call for call in calls if call.name in ("socket", "connect", "sendto", "sendmsg", "bind")]
            looked = [call for call in calls if call.name == "openat" and re.search("resolv.conf|nsswitch|/hosts", call.text)]
            wrong += [f"{' '.join(words)}: {call.name}({call.text[:80]}" for call in used + looked]
    return wrong


def silent_name_server(conf):
    """A socket that name servers are asked at, and /etc/resolv.conf that says so; this namespace only."""
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    conf.write_text("nameserver 127.0.0.53\noptions timeout:30 attempts:5\n")
    subprocess.run(["mount", "--bind", conf, os.path.realpath("/etc/resolv.conf")], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.53", 53))
    return server


def no_answer(five, profiles):
    wrong, slowest = [], 0
    server = silent_name_server(five.directory / "resolv.conf")
    five.configure(HOST)
    five.expire("chat")  # all are dead by then
    for profile in profiles:
        begin = time.monotonic()
        done = five.run("--no-input", "token", profile)
        took = time.monotonic() - begin
        slowest = max(slowest, took)
        if done.returncode != TRY_LATER or done.stdout:
            wrong.append(f"{profile}, no name server: {done.returncode}: {done.stderr.strip()}")
        if took > DEADLINE:
            wrong.append(f"{profile}, no name server: it took {took:.1f} s")
    server.setblocking(False)
    try:
        server.recv(512)
    except BlockingIOError:
        wrong.append("the name server was never asked: this shows nothing")
    server.close()
    five.configure()
    five.advance("1h")
    for profile in profiles:
        after = five.run("--no-input", "token", profile)
        if after.returncode != 0:
            wrong.append(f"{profile}, the name is known again: {after.returncode}: {after.stderr.strip()}")
    print(f"no name server: the slowest took {slowest:.1f} s with a timeout of {PATIENCE} s")
    return wrong


def main():
    parser = argparse.ArgumentParser(description="no network, and a silent name server")
    parser.add_argument("--bin", required=True)
    parser.add_argument("--inside", action="store_true", help="namespaces are this process's own")
    options = parser.parse_args()
    require_strace()
    if not options.inside:
        own = ["unshare", "--net", "--mount", "--propagation", "private"]
        if subprocess.run([*own, "ip", "link", "set", "lo", "up"], capture_output=True).returncode == 0:
            os.execvp(own[0], [*own, sys.executable, __file__, "--bin", options.bin, "--inside"])
    if options.inside:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    profiles = ["ssi", "pay", "alor", "chat"]
    with tempfile.TemporaryDirectory(prefix="latchkey-") as directory, \
            Five(options.bin, directory, timeout=f"{PATIENCE}s") as five:
        for profile in profiles:
            five.login(profile)
        wrong = no_socket(five, profiles)
        if options.inside:
            wrong += no_answer(five, ["chat", "alor", "pay", "ssi"])
        else:
            print("left out, as no namespace can be made here: a silent name server")
    print("\n".join(wrong) or "ok: cached tokens open no socket")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

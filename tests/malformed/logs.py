"""What the server wrote about it all: one JSON object a line, and no secret in any."""
import json

from shapes import unique

SHOWN = 300
# U+0080 to U+009F, of which a terminal obeys some.
C1 = [bytes([0xC2, low]) for low in range(0x80, 0xA0)]


def check(judge, text):
    lines = text.split(b"\n")
    if lines.pop() != b"":
        judge.complain("log", "the last line has no end")
    requests = 0
    for number, line in enumerate(lines, 1):
        def wrong(what, at=number, text=line):
            judge.complain(f"log line {at}", f"{what}: {text[:SHOWN]!r}")

        if any(byte < 0x20 or byte == 0x7F for byte in line) or any(mark in line for mark in C1):
            wrong("a control character")
        for secret in judge.secrets:
            if secret in line:
                wrong(f"repeats a secret {secret[:24]!r}")
        try:
            entry = json.loads(line.decode("utf-8"), object_pairs_hook=unique)
        except ValueError as what:
            wrong(f"no JSON ({what})")
            continue
        if not isinstance(entry, dict) or not {"ts", "level", "event"} <= set(entry):
            wrong("no entry of a log")
        elif entry["event"] == "forged":
            wrong("an entry that a peer wrote")
        elif entry["event"] == "request":
            requests += 1
            if int(entry["status"]) >= 500 or entry["level"] in ("error", "warn"):
                wrong("an answer that nobody may be given")
    if requests < len(judge.took):
        judge.complain("log", f"{requests} requests are written down, {len(judge.took)} were answered")

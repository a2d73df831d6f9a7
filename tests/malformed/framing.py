"""Bytes that are hardly HTTP: each is refused once, and nothing of it is taken for a second request."""
import socket
import time

from wire import Broken, Line, request

GOOD = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
BODY = b'{"login":"x","password":"y"}'
PATH = b"/api/company/get-token"
SMUGGLED = b"GET /_sandbox/info HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
HANGS_UP_WITHIN = 5.0


def post(*fields, body=b"", version=b"HTTP/1.1"):
    return b"POST " + PATH + b" " + version + b"\r\n" + b"".join(f + b"\r\n" for f in fields) + b"\r\n" + body


HOST, TYPE = b"Host: x", b"Content-Type: application/json"
LENGTH = b"Content-Length: %d" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked"
CHUNKS = b"%x\r\n" % len(BODY) + BODY + b"\r\n0\r\n\r\n"

REFUSED = {  # what, bytes, statuses that it may be refused with
    "two Content-Lengths": (post(HOST, TYPE, LENGTH, LENGTH, body=BODY), {400}),
    "two Content-Lengths that differ": (post(HOST, b"Content-Length: 0", LENGTH, body=BODY + SMUGGLED), {400}),
    "a list of lengths": (post(HOST, TYPE, b"Content-Length: 28, 28", body=BODY), {400}),
    "length and chunks": (post(HOST, TYPE, LENGTH, CHUNKED, body=CHUNKS + SMUGGLED), {400}),
    "chunks and length": (post(HOST, TYPE, CHUNKED, b"Content-Length: 4", body=CHUNKS + SMUGGLED), {400}),
    "chunks twice": (post(HOST, CHUNKED, CHUNKED, body=CHUNKS), {400}),
    "identity": (post(HOST, b"Transfer-Encoding: identity", body=BODY), {400}),
    "gzip, chunked": (post(HOST, b"Transfer-Encoding: gzip, chunked", body=CHUNKS), {400}),
    "chunked, identity": (post(HOST, b"Transfer-Encoding: chunked, identity", body=CHUNKS), {400}),
    "xchunked": (post(HOST, b"Transfer-Encoding: xchunked", body=CHUNKS), {400}),
    "chunked in HTTP/1.0": (post(HOST, CHUNKED, body=CHUNKS, version=b"HTTP/1.0"), {400}),
    "space before the colon": (post(HOST, b"Content-Length : 5", body=b"hello"), {400}),
    "tab before the colon": (post(HOST, b"Transfer-Encoding\t: chunked", body=CHUNKS), {400}),
    "a folded field": (post(HOST, b"X-A: 1\r\n Transfer-Encoding: chunked", body=CHUNKS), {400}),
    "a first line that is folded": (post(b" Host: x", body=BODY), {400}),
    "bare LF": (post(HOST, TYPE, LENGTH, body=BODY).replace(b"\r\n", b"\n"), {400}),
    "one bare LF": (b"GET /livez HTTP/1.1\r\nHost: x\nX-A: 1\r\n\r\n", {400}),
    "bare CR": (b"GET /livez HTTP/1.1\r\nHost: x\rX-A: 1\r\n\r\n", {400}),
    "NUL in a value": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\x00b\r\n\r\n", {400}),
    "NUL in a name": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX\x00A: a\r\n\r\n", {400}),
    "control in a value": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: a\x08\r\n\r\n", {400}),
    "no colon": (b"GET /livez HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n", {400}),
    "no name": (b"GET /livez HTTP/1.1\r\nHost: x\r\n: a\r\n\r\n", {400}),
    "a name with a space": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX A: a\r\n\r\n", {400}),
    "a name beyond ASCII": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX\xc3\xa9: a\r\n\r\n", {400}),
    "no Host": (b"GET /livez HTTP/1.1\r\n\r\n", {400}),
    "two Hosts": (b"GET /livez HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", {400}),
    "lower-case http": (b"GET /livez http/1.1\r\nHost: x\r\n\r\n", {400}),
    "HTTP/1.2": (b"GET /livez HTTP/1.2\r\nHost: x\r\n\r\n", {400}),
    "HTTP/2.0": (b"GET /livez HTTP/2.0\r\nHost: x\r\n\r\n", {400}),
    "HTTP/9999999999.1": (b"GET /livez HTTP/9999999999.1\r\nHost: x\r\n\r\n", {400}),
    "HTTP/0.9": (b"GET /livez\r\n\r\n", {400}),
    "h2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400}),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), {400}),
    "noise": (bytes(range(128, 256)) * 4 + b"\r\n\r\n", {400}),
    "zeros": (bytes(64), {400}),
    "no target": (b"GET  HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "two targets": (b"GET /livez /readyz HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "authority form": (b"CONNECT evil.example:443 HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "a target of another scheme": (b"GET ftp://x/livez HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "a method with a colon": (b"GE:T /livez HTTP/1.1\r\nHost: x\r\n\r\n", {400}),
    "an endless target": (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {431}),
    "an endless method": (b"A" * 20_000 + b" / HTTP/1.1\r\nHost: x\r\n\r\n", {400, 431}),
    "an endless field": (b"GET /livez HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 20_000 + b"\r\n\r\n", {431}),
    "too many fields": (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 150 + b"\r\n", {431}),
    "a head without end": (b"GET /livez HTTP/1.1\r\nHost: x\r\n" + b"X-A: 1\r\n" * 4000, {431}),
    "a length that is none": (post(HOST, b"Content-Length: five", body=b"hello"), {400}),
    "a signed length": (post(HOST, b"Content-Length: +5", body=b"hello"), {400}),
    "a negative length": (post(HOST, b"Content-Length: -1"), {400}),
    "a hexadecimal length": (post(HOST, b"Content-Length: 0x5", body=b"hello"), {400}),
    "an empty length": (post(HOST, b"Content-Length:"), {400}),
    "a length beyond 64 bits": (post(HOST, b"Content-Length: 99999999999999999999999"), {400}),
    "a chunk beyond 64 bits": (post(HOST, TYPE, CHUNKED, body=b"fffffffffffffffff\r\nx"), {400}),
    "a negative chunk": (post(HOST, TYPE, CHUNKED, body=b"-1\r\nx\r\n0\r\n\r\n"), {400}),
    "a chunk of 0x": (post(HOST, TYPE, CHUNKED, body=b"0x1c\r\n" + BODY + b"\r\n0\r\n\r\n"), {400}),
    "a chunk that runs over": (post(HOST, TYPE, CHUNKED, body=b"4\r\n" + BODY + b"\r\n0\r\n\r\n"), {400}),
    "a chunk without end": (post(HOST, TYPE, CHUNKED, body=b"1;" + b"a" * 20_000), {400}),
    "chunks with bare LF": (post(HOST, TYPE, CHUNKED, body=CHUNKS.replace(b"\r\n", b"\n")), {400}),
    "an unknown expectation": (post(HOST, TYPE, LENGTH, b"Expect: 200-ok", body=BODY), {417}),
}

TOO_LARGE = {  # a body beyond the limit: refused by the wire that it was meant for, before it is read
    "a length of exabytes": post(HOST, b"Content-Length: 9223372036854775807", body=b"x"),
    "a body of 64 KiB and one": post(HOST, TYPE, b"Content-Length: 65537", body=b" " * 65537),
    "a body of a megabyte": post(HOST, TYPE, b"Content-Length: 1000000", body=b" " * 100_000),
    "chunks of a megabyte": post(HOST, TYPE, CHUNKED, body=(b"1000\r\n" + b" " * 4096 + b"\r\n") * 20),
    "a chunk of exabytes": post(HOST, TYPE, CHUNKED, body=b"7fffffffffffffff\r\nx"),
    "an expectation and too much": post(HOST, TYPE, b"Expect: 100-continue", b"Content-Length: 70000"),
}

TAKEN = {  # odd, and good HTTP all the same: the dialect answers
    "an empty line first": b"\r\n" + post(HOST, TYPE, LENGTH, body=BODY),
    "chunks": post(HOST, TYPE, CHUNKED, body=CHUNKS),
    "small chunks": post(HOST, TYPE, CHUNKED, body=b"".join(b"1\r\n%c\r\n" % c for c in BODY) + b"0\r\n\r\n"),
    "a chunk with an extension": post(HOST, TYPE, CHUNKED, body=CHUNKS.replace(b"\r\n", b";a=b\r\n", 1)),
    "chunks with a trailer": post(HOST, TYPE, CHUNKED,
                                  body=CHUNKS[:-2] + b"Authorization: Bearer x\r\nX-Injected: 1\r\n\r\n"),
    "an expectation that is met": post(HOST, TYPE, LENGTH, b"Expect: 100-continue", body=BODY),
    "names in another case": post(b"hOST: x", b"CONTENT-type: application/json",
                                  b"content-LENGTH: %d" % len(BODY), body=BODY),
    "no spaces": post(b"Host:x", b"Content-Type:application/json", b"Content-Length:%d" % len(BODY), body=BODY),
    "many spaces": post(b"Host:   x  ", b"Content-Type: \t application/json \t", LENGTH, body=BODY),
    "HTTP/1.0 without Host": post(TYPE, LENGTH, body=BODY, version=b"HTTP/1.0"),
    "a length with zeros": post(HOST, TYPE, b"Content-Length: 000%d" % len(BODY), body=BODY),
    "an absolute target": post(HOST, TYPE, LENGTH, body=BODY).replace(PATH, b"http://evil.example" + PATH),
    "a hundred fields": post(HOST, TYPE, LENGTH, *[b"X-A: 1"] * 90, body=BODY),
}


def whole(base, raw, slices=(), wait=0.0):
    """Everything that comes back on one connection until the server hangs up. [(status, bytes)]"""
    line = Line(base)
    line.open()
    began = time.monotonic()
    try:
        for part in slices or [raw]:
            line.socket.sendall(part)
            time.sleep(wait)
    except OSError:
        pass
    answers = []
    try:
        while True:
            answers.append(line.read(False, began))
            if answers[-1].closed:
                break
    except Broken:
        pass
    line.close()
    return answers


def alone(judge, label, raw, statuses, shape):
    """It is refused, the connection ends, and what followed is not taken for a request."""
    answers = whole(judge.line.base, raw + GOOD)
    judge.count(shape, answers)
    for answer in answers[:1]:
        if answer.status not in statuses or not answer.closed:
            judge.complain(
                label, f"HTTP {answer.status}, {'closed' if answer.closed else 'kept'}; wanted {statuses}", raw,
                answer)
    if len(answers) != 1:
        judge.complain(label, f"{len(answers)} answers: {[a.status for a in answers]}", raw)


def cut_short(judge):
    """A request that ends in its middle gets no answer, and does no harm."""
    raw = post(HOST, TYPE, LENGTH, body=BODY)
    for at in range(1, len(raw), 7):
        line = Line(judge.line.base)
        line.open()
        line.socket.sendall(raw[:at])
        line.socket.shutdown(socket.SHUT_WR)
        began = time.monotonic()
        rest = b""
        try:
            while piece := line.socket.recv(65536):
                rest += piece
        except OSError:
            pass
        line.close()
        if time.monotonic() - began > HANGS_UP_WITHIN or (rest and not rest.startswith(b"HTTP/1.1 400 ")):
            judge.complain(f"cut at {at}", f"after {time.monotonic() - began:.1f} s came {rest[:80]!r}", raw[:at])


def piecemeal(judge):
    """Byte by byte, and many requests at once: the same answers."""
    raw = post(HOST, TYPE, LENGTH, body=BODY)
    for label, slices in (("byte by byte", [raw[at:at + 1] for at in range(len(raw))]), ("ten at once", [GOOD * 10])):
        answers = whole(judge.line.base, b"", slices + [b"x\r\n\r\n"])
        judge.count("plain", answers[-1:])
        wanted = ([200] * 10 if label == "ten at once" else [401]) + [400]
        if [a.status for a in answers] != wanted:
            judge.complain(label, f"answers {[a.status for a in answers]}")


def foreign_hosts(world, judge):
    """The sandbox obeys this machine only, by whatever name a page on the network calls it."""
    for host in (
        "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1:80@evil",
        "", "::1", "127.1", "0"):
        for method, body in (("GET", None), ("POST", b"{}")):
            raw = request(method, "/_sandbox/info", [("Content-Type", "application/json")], body, host)
            judge.ask(f"control for {host!r}", raw, "control", refused=True, early=True)
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        raw = request("POST", "/_sandbox/revoke", [("Content-Type", kind)], b'{"system":"alor"}')
        judge.ask(f"control with {kind!r}", raw, "control", refused=True)


def run(world, judge, _):
    for label, (raw, statuses) in REFUSED.items():
        alone(judge, label, raw, statuses, "plain")
    for label, raw in TOO_LARGE.items():
        alone(judge, label, raw, {400}, "chathub")
    for label, raw in TAKEN.items():
        judge.line.close()
        answer = judge.ask(label, raw, "chathub", refused=True)
        if answer is not None and answer.status != 401:
            judge.complain(label, f"HTTP {answer.status}; wanted 401", raw, answer)
        world.after()
    cut_short(judge)
    piecemeal(judge)
    foreign_hosts(world, judge)

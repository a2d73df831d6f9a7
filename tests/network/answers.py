"""Hostile and broken answers to a renewal, per dialect where the form matters."""
import itertools
import json
import time

from hostile import reply

BIG = b"x" * 65536


def success(profile, access="stranger-access-token-000000000000", refresh="stranger-refresh-token-0000000000",
            **changed):
    """What that provider says when all is well, with other tokens or members."""
    now = int(time.time())
    if profile == "ssi":
        body = {"tokenType": "Bearer", "accessToken": access, "refreshToken": refresh,
                "expiresAt": now + 10**7, "refreshExpiresAt": now + 2 * 10**7}
    elif profile == "alor":
        body = {"AccessToken": access}
    elif profile == "chat":
        return json.dumps(access)
    else:
        body = {"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": 3600}
    body.update(changed)
    return json.dumps(body)


def access_name(profile):
    return {"ssi": "accessToken", "alor": "AccessToken"}.get(profile, "access_token")


def never_ending_chunks():
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"10000\r\n" + BIG + b"\r\n")


def gigabyte():
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n"
    yield from itertools.repeat(BIG, 16384)


def no_length():
    yield b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"
    yield from itertools.repeat(BIG)


def header_without_end():
    yield b"HTTP/1.1 200 OK\r\n"
    yield from (f"X-{i}: {'y' * 1000}\r\n".encode() for i in itertools.count())


def one_line_without_end():
    yield b"HTTP/1.1 200 OK\r\nX-Long: "
    yield from itertools.repeat(BIG)


def interim_without_end():
    yield from itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def tiny_chunks(pause):
    yield b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    while not pause(0.1):
        yield b"1\r\nx\r\n"


def endless(server):
    """Answers whose end is not the server's doing: name → (what the server says)."""
    wait = server.ended.wait
    return {
        "a gigabyte": lambda _: gigabyte(),
        "chunks without end": lambda _: never_ending_chunks(),
        "a body without length or end": lambda _: no_length(),
        "header lines without end": lambda _: header_without_end(),
        "a header line without end": lambda _: one_line_without_end(),
        "interim answers without end": lambda _: interim_without_end(),
        "one byte every fifth of a second": lambda _: server.trickle(reply("{}" + " " * 10000)),
        "tiny chunks for ever": lambda _: tiny_chunks(wait),
        "nothing at all": lambda _: server.hold(),
        "half a head, then nothing": lambda _: itertools.chain([b"HTTP/1.1 200 OK\r\nConte"], server.hold()),
        "half a body, then nothing": lambda _: itertools.chain(
            [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"], server.hold()),
    }


def broken(profile):
    """Answers that end, and are none."""
    good = success(profile)
    name = access_name(profile)
    cases = {
        "a page": reply("<html><body>Please log in</body></html>", kind="text/html"),
        "an empty body": reply(""), "null": reply("null"), "a list": reply("[]"), "a number": reply("7"),
        "true": reply("true"), "an empty object": reply("{}"), "half a document": reply(good[:len(good) // 2]),
        "two documents": reply(good + good), "deep nesting": reply("[" * 100000),
        "deep objects": reply('{"a":' * 50000), "not UTF-8": reply(b'{"' + name.encode() + b'":"\xff\xfe\xfd"}'),
        "zeros": reply(b"\0" * 1000), "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/0.9": good.encode(),
        "nothing, closed": b"", "half a head": b"HTTP/1.1 200 OK\r\nContent-",
        "half a body": b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{",
        "half a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
        "a bad chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
        "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
        "a negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
        "status 0": reply(good, "000 What"), "status 999": reply(good, "999 What"),
        "status 204": reply("", "204 No Content"), "status 304": reply("", "304 Not Modified"),
        "packed": reply(b"\x1f\x8b\x08" + b"\0" * 100, headers=("Content-Encoding: gzip",)),
        "an empty token": reply(success(profile, access="")),
        "a token with CR and LF": reply(success(profile, access="abc\r\nX-Evil: 1")),
        "a token with LF": reply(success(profile, access="abc\ndef")),
        "a token with NUL": reply(success(profile, access="abc\0def")),
        "a token with a space": reply(success(profile, access="abc def")),
        "a token with an escape": reply(success(profile, access="abc\x1b[2Jdef")),
        "a token of letters beyond ASCII": reply(success(profile, access="töken-äöü")),
    }
    if profile != "chat":
        cases |= {"a token that is a number": reply(json.dumps(dict(json.loads(good), **{name: 7}))),
                  "a token that is a list": reply(json.dumps(dict(json.loads(good), **{name: ["a"]}))),
                  "a token twice": reply(f'{{"{name}":"one-token-1234567890",' + good[1:]),
                  "a refusal beside a token": None}
        del cases["a refusal beside a token"]
    return cases


def absurd_ends(profile):
    """Well-formed successes whose times make no sense; nothing for wires without any."""
    member = {"ssi": "expiresAt", "sinopac": "expires_in", "pay": "expires_in"}.get(profile)
    if member is None:
        return {}
    odd = (-1, 0, 1, -2**63, 2**31, 2**63 - 1, 2**63, 2**64, 1e300, -1e300, "soon", "", "1e400", None, True, [], {})
    cases = {f"{member} {value!r}": reply(success(profile, **{member: value})) for value in odd}
    cases[f"{member} NaN"] = reply(success(profile).replace("{", f'{{"{member}":NaN,', 1))
    return cases


RETRY_AFTER = ("1", "0", "86400", "99999999999999999999", "-5", "soon", "", "1.5", "Sun, 06 Nov 1994 08:49:37 GMT",
               "Fri, 31 Dec 2999 23:59:59 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", None)


def refusals():
    """429 and 503 with each form of Retry-After."""
    for status in ("429 Too Many Requests", "503 Service Unavailable"):
        for value in RETRY_AFTER:
            header = () if value is None else (f"Retry-After: {value}",)
            yield f"{status[:3]}, Retry-After {value!r}", reply("{}", status, header)
        yield f"{status[:3]}, Retry-After twice", reply("{}", status, ("Retry-After: 1", "Retry-After: 7000"))


def redirects(elsewhere):
    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary Redirect", "308 Permanent Redirect"):
        yield status[:3], reply("", status, (f"Location: {elsewhere}/steal",))
    yield "a meta refresh", reply(f'<meta http-equiv="refresh" content="0;url={elsewhere}/">', kind="text/html",
                                  headers=(f"Refresh: 0; url={elsewhere}/",))

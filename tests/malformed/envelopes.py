"""Everything that can be wrong with an encrypted body: one answer to all of it, to the byte."""
import statistics
import time

import cipher
from endpoints import endpoints
from fields import MOST_BODY

OTHER_KEY = bytes(range(32))
ROUNDS = 150  # of the measurement


def hexadecimal(world):
    """Bodies that hold no ciphertext at all."""
    good = world.seal(b'{"a":1}')
    hex_ = good[9:-2]
    texts = [
        "", "a", "abc", "0g", "0x00", "zz" * 16, " " + hex_.decode(), hex_.decode() + " ", hex_.decode() + "\\n",
        "+1" * 32, hex_.decode()[ :-1], hex_.decode()[ :-2], hex_.decode() + "00", hex_.decode()[ :32],
        hex_.decode()[ :30], "00" * 15, "00" * 16, "00" * 17, "00" * 31, "00" * 33, "00" * 47, "００" * 16, "é" * 32,
        "\\u0000" * 32, "data", "AAAA" * 16]
    for text in texts:
        yield f"hex {text[:12]!r} of {len(text)}", b'{"data":"' + text.encode() + b'"}'
    for text in (b"",
    b" ",
    b"{}",
    b"[]",
    b"null",
    b"1",
    hex_,
    b'"' + hex_ + b'"',
    b'{"data":null}',
    b'{"data":1}',
    b'{"data":[]}',
    b'{"data":{}}',
    b'{"data":["' + hex_ + b'"]}',
    b'{"Data":"' + hex_ + b'"}',
    good + good,
    good[:-1],
    good + b"x",
    b'{"data":"' + hex_ + b'","data":"' + hex_ + b'"}',
    b"\xef\xbb\xbf" + good,
    b"\x00" + good,
    b"{" * 60_000,
    b'{"data":"' + b"00" * 32_000 + b'"}',
    b'{"data":"' + b"0" * 64_001 + b'"}',
    b"data=" + hex_,
     b"<data/>"):
        yield f"body {text[:16]!r} of {len(text)}", text


def ciphertexts(world):
    """Bodies that decrypt to rubbish, or do not decrypt."""
    yield "another key", world.seal(b'{"a":1}', key=OTHER_KEY)
    yield "key of zeros", world.seal(b'{"a":1}', key=bytes(32))
    for last in range(256):
        # 16 blocks' worth of every padding byte; 1 after thirty-one others is right, and then no JSON.
        block = b"x" * 31 + bytes([last])
        yield f"padding {last}", world.seal(block, padded=False)
    for length in (2, 8, 15, 16):
        for spoilt in (0, length // 2, length - 2):
            tail = bytearray([length] * length)
            tail[spoilt] ^= 1
            yield f"padding of {length} wrong at {spoilt}", world.seal(b"x" * (32 - length) + bytes(tail), padded=False)
    sealed = bytearray(bytes.fromhex(world.seal(b'{"a":1,"b":"0123456789"}')[9:-2].decode()))
    for at in range(len(sealed)):
        flipped = bytearray(sealed)
        flipped[at] ^= 0x80
        if at not in (2, 6, 10) and at >= 16:
            yield f"bit of byte {at}", b'{"data":"%s"}' % flipped.hex().encode()
    for plain in (b"", b"\x00", b"{", b"{}", b"[]", b"null", b'"x"', b"\xff", b"{}" + b"\x00", b"[" * 10_000,
                  b'{"a":' * 5000 + b"1" + b"}" * 5000, b'{"a":1,"a":2}', b" " * 30_000):
        yield f"inside {plain[:8]!r} of {len(plain)}", world.seal(plain)


def run(world, judge, _):
    for endpoint in [e for e in endpoints(world) if e.kind == "sealed"]:
        alike = None
        for label, body in [*hexadecimal(world), *ciphertexts(world)]:
            if len(body) > MOST_BODY:
                continue
            answer = judge.ask(
                f"{endpoint.name}: {label}", endpoint.request(world, body=body), "tconnect", refused=True)
            if answer is None:
                continue
            alike = alike or answer.steady()
            if answer.steady() != alike:
                judge.complain(f"{endpoint.name}: {label}", f"not the one answer {alike}", body, answer)
        wrong_partner(world, judge, endpoint)
    measure(world, judge)


def wrong_partner(world, judge, endpoint):
    """Unknown, doubled, missing and hostile Partner-Codes, around right and wrong bodies."""
    good, _ = endpoint.right(world)
    rest = [h for h in endpoint.headers_for(world) if h[0] != "Partner-Code"]
    own = ("Partner-Code", world.till["partner"])
    for codes in ([], [("Partner-Code", "")], [own, own], [own, ("partner-code", "x")], [("Partner-Code", "NOBODY")],
                  [("Partner-Code", "A" * 129)], [("Partner-Code", "' OR 1=1 --")], [("Partner-Code", "demo-partner")],
                  [("Partner-Code", world.till["partner"] + ",x")], [("Partner-Code", "é")], [("Partner_Code",
                                                                                               own[1])]):
        for body in (good, b'{"data":"abc"}', world.seal(b"x" * 32, padded=False)):
            judge.ask(f"{endpoint.name}: partner {codes}", endpoint.request(world, headers=rest + codes, body=body),
                      "tconnect", refused=True)


def measure(world, judge):
    """Not judged, for a machine that is busy says little: how long each fault takes."""
    endpoint = next(e for e in endpoints(world) if e.path.endswith("/auth/refresh"))
    plain = b'{"refresh_token":"%s"}' % (b"x" * 200)
    blocks = len(cipher.pad(plain))
    faults = {"padding wrong": world.seal(b"x" * (blocks - 1) + b"\x00", padded=False),
              "no JSON inside": world.seal(b"x" * (blocks - 8)),
              "another key": world.seal(plain, key=OTHER_KEY),
              "no such member": world.seal(b'{"refresh_tokem":"%s"}' % (b"x" * 200)),
              "no hexadecimal": b'{"data":"' + b"zz" * (blocks + 16) + b'"}',
              "not whole blocks": b'{"data":"' + b"00" * (blocks + 15) + b'"}'}
    raws = {name: endpoint.request(world, body=body) for name, body in faults.items()}
    took = {name: [] for name in faults}
    for _ in range(ROUNDS):
        for name, raw in raws.items():
            began = time.perf_counter()
            judge.line.ask(raw)
            took[name].append((time.perf_counter() - began) * 1e6)
    medians = {name: statistics.median(values) for name, values in took.items()}
    print(
        "time of a refusal, median of " + f"{ROUNDS}: " + ", ".join( f"{n} {m:.0f} µs" for n, m in medians.items()),
        flush=True)

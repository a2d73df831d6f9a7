"""One field at a time: left out, doubled, of another kind, hostile. And whole bodies that are none."""
import json
import urllib.parse

import values
from endpoints import endpoints
from shapes import unique

MOST_BODY = 64 * 1024  # bytes; more is not read


def is_right(endpoint, body):
    """A swapped-in value may happen to be the right one."""
    try:
        return json.loads(body) == endpoint.fields
    except (ValueError, RecursionError):
        return False


def is_json(body):
    try:
        json.loads(body, object_pairs_hook=unique)
        return True
    except (ValueError, RecursionError):
        return False


def spoil_json(world, judge, endpoint):
    """Every member of a JSON body; of a sealed one too: wrong after it was decrypted."""
    must = {tuple(int(step) if step.isdigit() else step for step in name.split(".")) for name in endpoint.must}
    for label, plain, path, readable in values.bodies(endpoint.fields):
        wrong = not readable or (path in must and not is_right(endpoint, plain))
        if path is None:
            wrong = bool(must) or not is_json(plain)
        body = endpoint.body(world, plain)
        judge.ask(f"{endpoint.name}: {label}", endpoint.request(world, body=body), endpoint.system,
                  refused=wrong, early=len(body) > MOST_BODY)
        world.after()


def encode(pairs):
    """As a form or a query, without the politeness of urlencode."""
    return b"&".join(a + b"=" + b for a, b in pairs)


def quote(value):
    return urllib.parse.quote(value.encode("utf-8", "surrogatepass"), safe="").encode()


BAD_ENCODINGS = [b"%", b"%1", b"%zz", b"%00", b"%ff%fe", b"%c0%af", b"%ed%a0%80", b"%", b"a%0",
    b"%u0041", b"+", b"=", b"%26x%3d1", b"%0d%0aX-Injected:%201", b"%0a", b"%2500", b"%F4%90%80%80"]


def pairs_of(fields):
    return [(quote(str(name)), quote(str(value))) for name, value in fields.items()]


def spoilt_pairs(fields):
    """(label, encoded text, name of the field that is wrong now)"""
    own = pairs_of(fields)
    for at, (name, value) in enumerate(own):
        before, after, plain = own[:at], own[at + 1:], name.decode()
        yield f"{plain} missing", encode(before + after), plain
        yield f"{plain} renamed", encode(before + [(name + b"X", value)] + after), plain
        yield f"{plain} upper", encode(before + [(name.upper(), value)] + after), None
        yield f"{plain} twice", encode(before + [(name, value), (name, b"other")] + after), None
        yield f"{plain} twice, the other first", encode(before + [(name, b"other"), (name, value)] + after), plain
        yield f"{plain} an array", encode(before + [(name + b"[]", value)] + after), plain
        yield f"{plain} without =", encode(before + after) + b"&" + name, plain
        for number, text in enumerate(values.INJECTIONS + [""]):
            yield f"{plain} = injection {number}", encode(before + [(name, quote(text))] + after), plain
        for text in BAD_ENCODINGS:
            yield f"{plain} = {text.decode()}", encode(before + [(name, text)] + after), plain


def spoil_query(world, judge, endpoint):
    for label, text, name in list(spoilt_pairs(endpoint.fields))[::endpoint.every]:
        judge.ask(f"{endpoint.name}: {label}", endpoint.request(world, target=endpoint.path.encode() + b"?" + text),
                  endpoint.system, refused=name in endpoint.must, early=True)
        world.after()
    many = encode(pairs_of(endpoint.fields) + [(b"p%d" % n, b"1") for n in range(70)])
    for text in (many, b"&" * 200, b"=" * 200, b"?" * 50, b";".join([b"a=b"] * 20)):
        judge.ask(
            f"{endpoint.name}: query {text[:20]!r}", endpoint.request(world, target=endpoint.path.encode() + b"?" +
            text), endpoint.system, early=True)


def spoil_form(world, judge, endpoint):
    for label, text, name in spoilt_pairs(endpoint.fields):
        wrong = not endpoint.taken or name in endpoint.must  # not taken: its code or token is nobody's
        judge.ask(f"{endpoint.name}: {label}", endpoint.request(world, body=text), endpoint.system, refused=wrong)
        world.after()
    whole = encode(pairs_of(endpoint.fields))
    for text in values.DOCUMENTS + [b"&" * 3000, b"=" * 3000, whole + b"&" + b"&".join(b"p%d=1" % n for n in range(70)),
                                    whole + b"\x00", whole + b"\xff", whole + b"\r\n", b"a=" + b"%41" * 20_000]:
        judge.ask(f"{endpoint.name}: form {text[:20]!r}", endpoint.request(world, body=text), endpoint.system,
                  refused=True, early=len(text) > MOST_BODY)


SPOIL = {"json": spoil_json, "sealed": spoil_json, "query": spoil_query, "form": spoil_form}


def run(world, judge, _):
    for number, endpoint in enumerate(endpoints(world)):
        if endpoint.kind in SPOIL:
            SPOIL[endpoint.kind](world, judge, endpoints(world)[number])  # with tokens and times of now

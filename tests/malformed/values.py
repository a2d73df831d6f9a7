"""What stands in place of a value that somebody expects, and documents that are no JSON."""
import json

DEEP = 10_000
LONG = 5_000

# What an attacker writes where a name belongs.
INJECTIONS = [
    "' OR '1'='1", "'; DROP TABLE grants; --", "\" OR \"\"=\"", "%' AND 1=(SELECT 1)--", "x'||(SELECT 1)||'",  # checklist 66
    "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "javascript:alert(1)", "{{7*7}}", "${7*7}",
    "${jndi:ldap://127.0.0.1/a}", "a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "%0d%0aX-Injected:%201", "\"}\n{\"level\":\"error\",\"event\":\"forged\"}", "%s%n%x%p", "../../../../etc/passwd",
    "|id", "$(id)", "`id`", "\x1b[2J\x1b]0;title\x07", "\x7f\x9b31m", "\u202eevil\u202c", "\ufeffbom", "\u2028\u2029",
    "a\u0000b", "\u0130\u0131S\u212a", "e\u0301", "\U0001f469\u200d\U0001f467", "Z" + "\u0351\u036b" * 20, " leading",
    "trailing ", "\t", " ", "null", "true", "0", "-1", "1e400", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "NaN", "A" * LONG, "\u00e9" * LONG, ]

# JSON values that are not what was expected; all of them valid JSON.
OTHER_KINDS = [
    "null", "true", "false", "0", "-1", "1", "1.5", "1e308", "9223372036854775807", "-9223372036854775808",
    "18446744073709551616", "[]", "{}", "[[]]", "[null]", "[\"a\"]", "{\"a\":1}", "\"\"", "[" * 10 + "]" * 10]

# In place of a value, these make the document no JSON, or none that may be read.
# … the first two, in a list, leave it empty.
NO_VALUES = [b"", b" ", b"nul", b"True", b"NaN", b"Infinity", b"-Infinity", b"01", b"+1", b"1.", b".5", b"0x10",
             b"1e400", b"-1e400", b"'a'", b"a", b"\"a", b"\"\\", b"\"\\x\"", b"\"\\u12\"", b"\"\\ud800\"",
             b"\"\\udc00\\ud800\"", b"\"a\x00b\"", b"\"a\nb\"", b"\"a\tb\"", b"\"\xff\xfe\"", b"\"\xc0\xaf\"",
             b"\"\xed\xa0\x80\"", b"\"\xf4\x90\x80\x80\"", b"\"\xe2\x82\"", b"\"\xf8\x88\x80\x80\x80\"", b"[1,]",
             b"{\"a\":1,}", b"{,}", b"{\"a\"}", b"{a:1}", b"{\"a\":1,\"a\":2}", b"{\"a\":1,\"\\u0061\":2}", b"/**/1",
             b"1//", b"[" * 40 + b"]" * 40, b"[" * 200, b"{\"a\":" * 40 + b"1" + b"}" * 40]

# Whole bodies.
DOCUMENTS = [
    b"", b" ", b"\x00", b"null", b"true", b"1", b"\"\"", b"[]", b"[{}]", b"{}", b"{", b"}", b"{}{}", b"{} x",
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00", b"{\"\":\"\"}", b"{\"\\u0000\":1}", b"a=b&c=d", b"<xml/>", b"--x\r\n\r\n--x--",
    b"[" * DEEP, b"[" * DEEP + b"]" * DEEP, b"{\"a\":" * DEEP + b"1" + b"}" * DEEP, b"\"" + b"\\u0000" * 5000 + b"\"",
    b"{\"a\":" + b"9" * 60_000 + b"}", b"{" + b"\"a\":1," * 8000 + b"\"a\":1}", b"[" + b"0," * 30_000 + b"0]",
    b"{" + b",".join(b"\"%d\":%d" % (n, n) for n in range(5000)) + b"}", b" " * 65_000 + b"{}", ]

CONTENT_TYPES = [
    None, "", "text/plain", "application/xml", "multipart/form-data; boundary=x",
    "application/json; charset=utf-16", "application/jsonx", "application/json, text/html",
    "APPLICATION/JSON ; q=1", ";", "/", "application/", "application/x-www-form-urlencoded", "application/json\x00",
    "\u00e9/\u00e9", "a" * 3000]

METHODS = [
    "GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "FOO", "get", "POSTX",
    "X" * 300]


def leaves(value, path=()):
    """Paths to the values of a document that hold no others."""
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if inside is None:
        yield path
        return
    for key, item in inside:
        yield from leaves(item, path + (key,))


def name_of(path):
    return ".".join(str(step) for step in path)


def write(value, swap, path=()):
    """JSON of `value`; swap(path, text) gives what stands for a member or an item there."""
    if isinstance(value, dict):
        parts = [swap(path + (k,), json.dumps(k).encode() + b":", write(v, swap, path + (k,)))
                      for k, v in value.items()]
        return b"{" + b",".join(part for part in parts if part is not None) + b"}"
    if isinstance(value, list):
        parts = [swap(path + (i,), b"", write(v, swap, path + (i,))) for i, v in enumerate(value)]
        return b"[" + b",".join(part for part in parts if part is not None) + b"]"
    return json.dumps(value).encode()


def with_value(template, path, text):
    return write(template, lambda at, name, own: name + (text if at == path else own))


def without(template, path):
    return write(template, lambda at, name, own: None if at == path else name + own)


def twice(template, path, second):
    return write(template, lambda at, name, own: name + own + (b"," + name + second if at == path else b""))


def renamed(template, path):
    return write(template, lambda at, name, own: (name.replace(b"\":", b"X\":") if at == path else name) + own)


def bodies(template):
    """(label, body, path or None, is JSON) for each way to spoil a document."""
    for path in leaves(template):
        where, member = name_of(path), isinstance(path[-1], str)
        yield f"{where} missing", without(template, path), path, True
        if member:
            yield f"{where} renamed", renamed(template, path), path, True
            yield f"{where} twice", twice(template, path, b"\"other\""), path, False
            yield f"{where} twice, then null", twice(template, path, b"null"), path, False
        for text in OTHER_KINDS:
            yield f"{where} = {text[:30]}", with_value(template, path, text.encode()), path, True
        for number, text in enumerate(NO_VALUES if member else NO_VALUES[2:]):
            yield f"{where} = no value {number}", with_value(template, path, text), path, False
        for number, text in enumerate(INJECTIONS):
            own = json.dumps(text, ensure_ascii=number % 2 == 0).encode()
            yield f"{where} = injection {number}", with_value(template, path, own), path, True
    for number, text in enumerate(DOCUMENTS):
        yield f"document {number}", text, None, True

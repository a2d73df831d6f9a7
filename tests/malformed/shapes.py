"""What a refusal looks like on each wire: the tables of docs/dialects, as code."""
import http.client
import json
import re

SINOPAC = {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
           "unsupported_grant_type", "unauthorized_request", "invalid_token", "access_denied",
           "insufficient_scope", "temporarily_unavailable"}
TCONNECT = {"invalid_request": {400}, "invalid_grant": {400, 401}, "invalid_client": {401, 403},
            "invalid_token": {401}, "access_denied": {403}, "unsupported": {404, 405},
            "not_found": {404}, "conflict": {409}, "too_many_requests": {429}}
OAUTH2 = {"invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
          "unsupported_response_type",
          "invalid_scope", "invalid_target", "invalid_token", "insufficient_scope", "invalid_dpop_proof",
          "unsupported_token_type", "authorization_pending", "slow_down", "expired_token", "access_denied",
          "invalid_client_metadata", "invalid_redirect_uri", "temporarily_unavailable"}
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
BEFORE_ANY_DIALECT = {400, 408, 417, 431}
# What is no dialect's endpoint has no shape of its own for a body that is too large.
NO_DIALECT = {"control", "page", "plain"}


def is_before_any_dialect(answer, shape):
    """Refused by the reader of requests, who then hangs up."""
    text = (answer.header("Content-Type") or "").startswith("text/plain")
    statuses = BEFORE_ANY_DIALECT | ({413} if shape in NO_DIALECT else set())
    return text and answer.closed and answer.status in statuses


def unique(pairs):
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member is there twice")
    return dict(pairs)


def refuse_constant(name):
    raise ValueError(name)


def read_json(answer):
    return json.loads(answer.body.decode("utf-8"), object_pairs_hook=unique, parse_constant=refuse_constant)


def object_of(answer, wrong):
    """The members of a JSON refusal, or {} with a complaint."""
    if answer.header("Content-Type") != "application/json":
        wrong(f"Content-Type {answer.header('Content-Type')}")
    if answer.header("Cache-Control") != "no-store":
        wrong("no Cache-Control: no-store")
    try:
        body = read_json(answer)
    except ValueError as what:
        wrong(f"the body is no JSON: {what}")
        return {}
    if not isinstance(body, dict):
        wrong("the body is no object")
        return {}
    return body


def expect_members(body, wrong, **kinds):
    if set(body) != set(kinds) or any(type(body[name]) is not kind for name, kind in kinds.items()):
        wrong(f"members {body}")
        return False
    return True


def fastconnect(answer, wrong):
    body = object_of(answer, wrong)
    if expect_members(body, wrong, code=int, msg=str) and body["msg"]:
        if body["code"] != answer.status and body["code"] // 1000 != answer.status:
            wrong(f"code {body['code']} with HTTP {answer.status}")


def chathub(answer, wrong):
    body = object_of(answer, wrong)
    kinds = {"status": int, "error": str, "message": str}
    if answer.status == 400:
        kinds["code"] = int
    if expect_members(body, wrong, **kinds):
        if body["status"] != answer.status or body["error"] != http.client.responses[answer.status]:
            wrong(f"{body['status']} {body['error']} with HTTP {answer.status}")


def alor(answer, wrong):
    if answer.body or answer.header("Content-Type"):
        wrong("a refusal with a body")
    if answer.header("Cache-Control") != "no-store":
        wrong("no Cache-Control: no-store")


def sinopac(answer, wrong):
    body = object_of(answer, wrong)
    if expect_members(body, wrong, error=str, error_description=str) and body["error"] not in SINOPAC:
        wrong(f"error {body['error']}")
    if answer.header("Pragma") != "no-cache":
        wrong("no Pragma: no-cache")


def oauth2(answer, wrong):
    body = object_of(answer, wrong)
    told = set(body) - {"error_description"}
    if told != {"error"} or any(type(text) is not str for text in body.values()) or body["error"] not in OAUTH2:
        wrong(f"members {body}")
    if answer.header("Pragma") != "no-cache":
        wrong("no Pragma: no-cache")
    if answer.status == 401 and body.get("error") != "invalid_client" and not answer.header("WWW-Authenticate"):
        wrong("401 without a challenge")


def tconnect(answer, wrong):
    body = object_of(answer, wrong)
    if expect_members(body, wrong, error=str, error_description=str):
        if answer.status not in TCONNECT.get(body["error"], ()):
            wrong(f"error {body['error']} with HTTP {answer.status}")


def page(answer, wrong):
    """Of a browser: HTML that nothing may run in, or a way onward."""
    if answer.header("X-Frame-Options") != "DENY" or answer.header("Referrer-Policy") != "no-referrer":
        wrong("a page without its armour")
    policy = answer.header("Content-Security-Policy") or ""
    if not policy.startswith("default-src 'none'") or "frame-ancestors 'none'" not in policy:
        wrong(f"Content-Security-Policy {policy}")
    if answer.status in (302, 303):
        if not answer.header("Location") or answer.body:
            wrong("a redirect without a Location, or with a body")
    elif answer.header("Content-Type") == "text/html; charset=utf-8":
        try:
            text = answer.body.decode("utf-8").lower()
        except ValueError as what:
            return wrong(f"a page that is no UTF-8: {what}")
        if not text.startswith("<!doctype html>") or "<script" in text or CONTROL.search(text):
            wrong("not a page of ours")
    else:
        sinopac(answer, wrong)  # a refusal that is the client's business


def control(answer, wrong):
    body = object_of(answer, wrong)
    expect_members(body, wrong, error=str, message=str)


def health(answer, wrong):
    if answer.status != 405 or answer.body or answer.header("Allow") != "GET, HEAD":
        wrong("not a 405 with Allow")


def plain(answer, wrong):
    if answer.header("Content-Type") != "text/plain; charset=utf-8" or len(answer.body) > 80:
        wrong("not a short text")


SHAPES = {f.__name__: f for f in (fastconnect, chathub, alor, sinopac, oauth2, tconnect, page, control, health, plain)}

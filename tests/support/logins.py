"""Tokens of a sandbox's demo accounts, without a broker."""
import json
import re
import time

from person import Person

AS_JSON = {"Content-Type": "application/json"}
AS_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def taken(answer):
    """The JSON of an answer that must be good."""
    status, _, text = answer
    if status != 200:
        raise RuntimeError(f"{status}: {text}")
    return json.loads(text)


def fastconnect(sandbox):
    """A refresh token."""
    client = sandbox.info["systems"]["fastconnect"]["clients"][0]
    body = json.dumps({"apiKey": client["id"], "apiSecret": client["secret"]})
    return taken(sandbox.fetch("POST", "/api/v3/auth/token", body, AS_JSON))["refreshToken"]


def sinopac_refresh_form(sandbox, token="{}"):
    client = sandbox.info["systems"]["sinopac"]["clients"][0]
    return f"grant_type=refresh_token&refresh_token={token}&client_id={client['id']}&client_secret={client['secret']}"


def sinopac(sandbox):
    """A refresh token; a person logs in for it."""
    system = sandbox.info["systems"]["sinopac"]
    client, user = system["clients"][0], system["users"][0]
    redirect = client["redirect_uris"][0]
    _, where = Person(user["login"], user["password"]).walk(
        f"{sandbox.base}/oauth2/login?response_type=code&client_id={client['id']}&redirect_uri={redirect}&state=s")
    code = re.search(r"[?&]code=([^&]+)", where)[1]
    body = (f"grant_type=authorization_code&code={code}&redirect_uri={redirect}"
            f"&client_id={client['id']}&client_secret={client['secret']}")
    return taken(sandbox.fetch("POST", "/oauth2/token", body, AS_FORM))["refresh_token"]


def chathub(sandbox, hours=1):
    """A company's token, and one of an operator of it."""
    system = sandbox.info["systems"]["chathub"]
    user = system["users"][0]
    company = taken(sandbox.fetch("POST", "/api/company/get-token",
                                  json.dumps({"login": user["login"], "password": user["password"]}), AS_JSON))
    now = time.time() + seconds_ahead(sandbox)
    end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now + 3600 * hours))
    body = json.dumps({"id": system["organizations"][0]["operators"][0]["id"], "expiresAt": end})
    return company, taken(sandbox.fetch("POST", "/api/operator/get-token", body,
                                        dict(AS_JSON, Authorization=f"Bearer {company}")))


def seconds_ahead(sandbox):
    """How far the sandbox's clock was moved."""
    return int(sandbox.offset.rstrip("s")) if sandbox.offset else 0

#!/usr/bin/env python3
"""Every curl line of the providers' documents, as it stands there, with the sandbox's address and
credentials: status and shape of what comes back."""
import datetime
import json
import os
import re
import subprocess
import urllib.parse

import install
from story import Story, arguments

from person import UUID, Person  # noqa: E402
from sandbox import Sandbox  # noqa: E402

JWT = r"[\w-]+\.[\w-]+\.[\w-]+"
NOBODY = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJvcGVyYXRvcl9pZCI6MTIzfQ.AAAA"


def curl(*words):
    """Status and body. No proxy and no configuration of whoever runs this."""
    done = subprocess.run(["curl", "-q", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", *words],
                          capture_output=True, text=True, timeout=60, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def in_hours(hours):
    return (datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")


def fastconnect(story, sandbox):
    """Seed 000 has no curl line; the three calls that its flow makes."""
    base = sandbox.base
    client = sandbox.info["systems"]["fastconnect"]["clients"][0]
    as_json = ("-H", "Content-Type: application/json")
    status, body = curl("-X", "POST", f"{base}/api/v3/auth/token", *as_json,
                        "-d", json.dumps({"apiKey": client["id"], "apiSecret": client["secret"]}))
    token = json.loads(body)
    story.claim("000 token: five fields", status == 200 and list(token) == [
        "tokenType", "accessToken", "refreshToken", "expiresAt", "refreshExpiresAt"], body)
    status, body = curl("-X", "POST", f"{base}/api/v3/auth/refresh", *as_json, "-H", f"Authorization: Bearer {token['accessToken']}",
                        "-d", json.dumps({"refreshToken": token["refreshToken"]}))
    story.claim("000 refresh: the same five", status == 200 and list(json.loads(body)) == list(token), body)
    status, body = curl(f"{base}/api/v3/account/info", "-H", f"Authorization: Bearer {json.loads(body)['accessToken']}")
    story.claim("000 account info without OTP: 403", status == 403 and json.loads(body)["code"] == 403100, body)


def chathub(story, sandbox):
    base, system = sandbox.base, sandbox.info["systems"]["chathub"]
    user, organization = system["users"][0], system["organizations"][0]
    operator = organization["operators"][0]["id"]
    as_json = ("-H", "Content-Type: application/json")

    status, body = curl("-X", "POST", f"{base}/api/company/get-token", *as_json, "-d", f'''{{
    "login": "{user['login']}",
    "password": "{user['password']}"
  }}''')
    story.claim("001 company token: a JSON string", status == 200 and re.fullmatch(f'"{JWT}"', body), body)
    company = json.loads(body)

    wanted = [{"id": o["id"], "name": o["name"]} for o in system["organizations"]]
    for style in ("Authorization: Bearer {}", "X-Authorization-Key: {}"):
        status, body = curl("-X", "GET", f"{base}/api/company/organization", "-H", style.format(company))
        story.claim(f"001 organizations with {style.split(':')[0]}", (status, json.loads(body)) == (200, wanted), body)
    status, body = curl("-X", "GET", f"{base}/api/company/organization")
    story.claim("001 and with neither: 401", status == 401 and json.loads(body)["status"] == 401, body)

    def operator_token(hours):
        return curl("-X", "POST", f"{base}/api/operator/get-token", "-H", f"Authorization: Bearer {company}", *as_json,
                    "-d", f'''{{
    "id": {operator},
    "expiresAt": "{in_hours(hours)}"
  }}''')
    status, body = operator_token(23)
    story.claim("001 operator token: a JSON string", status == 200 and re.fullmatch(f'"{JWT}"', body), body)
    token = json.loads(body)
    status, body = operator_token(25)
    story.claim("001 operator token for 25 hours: 400", status == 400 and json.loads(body)["code"] == 1001, body)

    for style in ("Authorization: Bearer {}", "X-Authorization-Key: {}"):
        status, body = curl("-X", "GET", f"{base}/api/operator", "-H", style.format(token))
        story.claim(f"001 operators with the operator's token in {style.split(':')[0]}",
                    status == 200 and [o["id"] for o in json.loads(body)] == [o["id"] for o in organization["operators"]], body)

    def validate(what):
        return curl("-X", "POST", f"{base}/api/operator/validate-token", "-H", f"Authorization: Bearer {company}", *as_json,
                    "-d", f'''{{
    "token": "{what}"
  }}''')
    status, body = validate(token)
    verdict = json.loads(body)
    story.claim("001 validate: five members", status == 200 and list(verdict) == [
        "isValid", "operatorId", "clientId", "expiresAt", "error"], body)
    story.claim("001 validate: which operator, until when", verdict["isValid"] is True and verdict["operatorId"] == operator
                and verdict["error"] is None and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", verdict["expiresAt"]), body)
    status, body = validate(NOBODY)
    story.claim("001 validate: no", (status, json.loads(body)) == (200, {"isValid": False, "error": "Invalid token"}), body)


def alor(story, sandbox):
    user = sandbox.info["systems"]["alor"]["users"][0]
    _, page = Person(user["login"], user["password"], "ru").walk(sandbox.base + "/tokens")
    uuid = UUID.search(page)[0]
    status, body = curl("-X", "POST", f"{sandbox.base}/refresh?token={uuid}")
    story.claim("002 refresh: AccessToken and nothing else", status == 200 and list(json.loads(body)) == ["AccessToken"]
                and re.fullmatch(JWT, json.loads(body)["AccessToken"]), body)
    status, _ = curl("-X", "POST", f"{sandbox.base}/refresh?token={uuid}")
    story.claim("002 the UUID is good again", status == 200)
    status, body = curl("-X", "POST", f"{sandbox.base}/refresh?token=12be28e4-2e15-44b8-983e-e6c119a1bcac")
    story.claim("002 the document's own UUID: 403, no body", (status, body) == (403, ""), (status, body))
    portfolio = user["attributes"]["portfolios"].split()[0]
    token = json.loads(curl("-X", "POST", f"{sandbox.base}/refresh?token={uuid}")[1])["AccessToken"]
    status, _ = curl(f"{sandbox.base}/md/v2/Clients/MOEX/{portfolio}/summary", "-H", f"Authorization: Bearer {token}")
    story.claim("002 the token opens its portfolio", status == 200)


def sinopac(story, sandbox):
    system = sandbox.info["systems"]["sinopac"]
    client, user = system["clients"][0], system["users"][0]
    back = client["redirect_uris"][0]
    query = urllib.parse.urlencode({"response_type": "code", "grant_type": "authorization_code", "client_id": client["id"],
                                    "redirect_uri": back, "state": "abcd1234"})
    _, where = Person(user["login"], user["password"], "zh-TW").walk(f"{sandbox.base}/oauth2/login?{query}")
    came = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
    story.claim("003 the callback has code and state", list(came) == ["code", "state"] and came["state"] == "abcd1234", where)

    def token(*words):
        return curl("-X", "POST", f"{sandbox.base}/oauth2/token", "-H", "Content-Type: application/x-www-form-urlencoded",
                    *words, "-d", f"client_id={client['id']}", "-d", f"client_secret={client['secret']}")
    status, body = token("-d", "grant_type=authorization_code", "-d", f"code={came['code']}", "-d", f"redirect_uri={back}")
    tokens = json.loads(body)
    story.claim("003 token: four fields in order", status == 200 and list(tokens) == [
        "access_token", "token_type", "expires_in", "refresh_token"], body)
    story.claim("003 forms and a day", re.fullmatch("[0-9a-f]{40}", tokens["access_token"]) and tokens["expires_in"] in (86398, 86399)
                and re.fullmatch("[0-9a-f]{40}", tokens["refresh_token"]) and tokens["token_type"] == "Bearer", body)
    status, body = token("-d", "grant_type=authorization_code", "-d", f"code={came['code']}", "-d", f"redirect_uri={back}")
    story.claim("003 the code twice: 400 invalid_grant", status == 400 and json.loads(body)["error"] == "invalid_grant", body)


def tconnect(story, sandbox):
    system = sandbox.info["systems"]["tconnect"]
    client, user = system["clients"][0], system["users"][0]

    def seal(plain):
        iv = os.urandom(16).hex()
        sealed = subprocess.run(["openssl", "enc", "-aes-256-cbc", "-K", client["shared_key"], "-iv", iv],
                                input=json.dumps(plain).encode(), capture_output=True, check=True).stdout
        return iv + sealed.hex()

    def login(data, partner=client["partner"]):
        return curl("--location", f"{sandbox.base}/openapi/v1/auth/login", "--header", f"Partner-Code: {partner}",
                    "--header", "Content-Type: application/json", "--data", f'''{{
"data": {data}
}}''')
    credentials = {"username": user["login"], "password": user["password"],
                   "client_id": client["id"], "client_secret": client["secret"]}
    status, body = login(f'"{seal(credentials)}"')
    fields = {"access_token": str, "expires_in": int, "refresh_token": str, "refresh_expires_in": int,
              "token_type": str, "session_state": str, "scope": str}
    reply = json.loads(body)
    story.claim("004 login: the table's seven fields", status == 200 and {k: type(v) for k, v in reply.items()} == fields, body)
    story.claim("004 a JWT, Bearer, a UUID", re.fullmatch(JWT, reply["access_token"]) and reply["token_type"] == "Bearer"
                and re.fullmatch(r"[0-9a-f-]{36}", reply["session_state"]), body)
    status, body = login("ENCRYPTED_PAYLOAD")
    story.claim("004 the sample's payload without quotes: 400", status == 400, body)
    status, body = login('"ENCRYPTED_PAYLOAD"')
    story.claim("004 the sample's payload as it stands: 400", status == 400, body)
    status, body = login(f'"{seal(credentials | {"password": "no"})}"')
    story.claim("004 a wrong password: 401", status == 401, body)
    status, _ = login(f'"{seal(credentials)}"', "YOUR_PARTNER_CODE")
    story.claim("004 the sample's Partner-Code: 403", status == 403)


def main():
    options = arguments()
    for name in ("curl", "openssl"):
        install.program(name)
    story = Story()
    with Sandbox(options.bin) as sandbox:
        for seed in (fastconnect, chathub, alor, sinopac, tconnect):
            seed(story, sandbox)
    story.end()


if __name__ == "__main__":
    main()

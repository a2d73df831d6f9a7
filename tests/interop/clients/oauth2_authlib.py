"""authlib: the code flow, client credentials and private_key_jwt, as Python programs write them."""
import json
import os
import sys
import urllib.parse

GIVEN = json.loads(os.environ["GIVEN"])
sys.path.insert(0, GIVEN["support"])
import httpx  # noqa: E402
from authlib.common.security import generate_token  # noqa: E402
from authlib.integrations.base_client.errors import OAuthError  # noqa: E402
from authlib.integrations.httpx_client import OAuth2Client  # noqa: E402
from authlib.jose import JsonWebKey, jwt  # noqa: E402
from authlib.oauth2.rfc7523 import PrivateKeyJWT  # noqa: E402
from person import Person  # noqa: E402

ISSUER = GIVEN["issuer"]
WEB, SERVICE, SIGNER = (GIVEN["clients"][name] for name in ("demo-web", "demo-service", "demo-signer"))
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
wrong = 0


def claim(what, true, seen=None):
    global wrong
    print(("ok    " if true else "WRONG ") + what, flush=True)
    if not true:
        wrong += 1
        print(f"      seen: {seen}", flush=True)


def refused(what, error, act):
    try:
        claim(what + ": should be refused", False, act())
    except OAuthError as refusal:
        claim(what, refusal.error == error, refusal)


SERVER = httpx.get(ISSUER + "/.well-known/openid-configuration").json()
KEYS = JsonWebKey.import_key_set(httpx.get(SERVER["jwks_uri"]).json())


def session(client, **more):
    method = "none" if "secret" not in client else "client_secret_basic"
    return OAuth2Client(client["id"], client.get("secret"), code_challenge_method="S256",
                        **dict({"scope": "openid profile", "token_endpoint_auth_method": method,
                                "redirect_uri": (client.get("redirect_uris") or [None])[0]}, **more))


def log_in(made):
    verifier = generate_token(48)
    url, state = made.create_authorization_url(SERVER["authorization_endpoint"], code_verifier=verifier, nonce="n-0S6")
    kind, where = Person(GIVEN["user"]["login"], GIVEN["user"]["password"]).walk(url)
    assert kind == "redirect", where
    query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(where).query))
    claim("the callback has our state and its iss", query["state"] == state and query["iss"] == ISSUER, query)
    return where, verifier


web = session(WEB)
where, verifier = log_in(web)
token = web.fetch_token(SERVER["token_endpoint"], authorization_response=where, code_verifier=verifier)
claims = jwt.decode(token["id_token"], KEYS)
claims.validate()
claim("the code gives tokens", claims["iss"] == ISSUER and claims["aud"] == WEB["id"] and claims["nonce"] == "n-0S6", claims)
who = web.get(SERVER["userinfo_endpoint"]).json()
claim("userinfo", who["name"] == GIVEN["user"]["name"] and "email" not in who, who)
access = jwt.decode(token["access_token"], KEYS)
claim("the access token is one of RFC 9068", access.header["typ"] == "at+jwt" and access["client_id"] == WEB["id"], access)
renewed = web.refresh_token(SERVER["token_endpoint"], token["refresh_token"])
claim("the refresh rotates", renewed["refresh_token"] != token["refresh_token"], renewed)
shown = web.introspect_token(SERVER["introspection_endpoint"], renewed["access_token"]).json()
claim("introspection", shown["active"] and shown["sub"] == GIVEN["user"]["login"], shown)
web.revoke_token(SERVER["revocation_endpoint"], renewed["refresh_token"])
shown = web.introspect_token(SERVER["introspection_endpoint"], renewed["access_token"]).json()
claim("revocation ends it", shown == {"active": False}, shown)
refused("a refresh after it", "invalid_grant",
        lambda: web.refresh_token(SERVER["token_endpoint"], renewed["refresh_token"]))

where, verifier = log_in(session(WEB))
refused("a wrong verifier", "invalid_grant",
        lambda: session(WEB).fetch_token(SERVER["token_endpoint"], authorization_response=where, code_verifier=generate_token(48)))
refused("burns the code", "invalid_grant",
        lambda: session(WEB).fetch_token(SERVER["token_endpoint"], authorization_response=where, code_verifier=verifier))

service = session(SERVICE, scope="openid", redirect_uri=None)
token = service.fetch_token(SERVER["token_endpoint"], grant_type="client_credentials")
claim("client credentials", token["scope"] == "openid" and "refresh_token" not in token, token)
refused("a wrong secret", "invalid_client",
        lambda: session(dict(SERVICE, secret="wrong"), redirect_uri=None)
        .fetch_token(SERVER["token_endpoint"], grant_type="client_credentials"))

signer = OAuth2Client(SIGNER["id"], SIGNER["private_key"], scope="openid", token_endpoint_auth_method="private_key_jwt")
signer.register_client_auth_method(PrivateKeyJWT(ISSUER, alg="ES256"))
token = signer.fetch_token(SERVER["token_endpoint"], grant_type="client_credentials")
claim("private_key_jwt", token["access_token"].startswith("eyJ"), token)
sys.exit(1 if wrong else 0)

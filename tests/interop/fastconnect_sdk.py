#!/usr/bin/env python3
"""The provider's own Python SDK, and seed 000's token cache on top of it, against our authority."""
import asyncio
import base64
import hashlib
import hmac
import json
import os
import pathlib
import re
import struct
import sys
import tempfile
import threading
import time

import install
from story import Story, arguments

from sandbox import Sandbox  # noqa: E402  (story put it on the path)

try:
    import ssi_sdk
except ImportError:
    ssi_sdk = None
if ssi_sdk:
    from ssi_sdk import Auth, AsyncAuth, AsyncTrading, Config, Data, Trading
    from ssi_sdk.exceptions import (APIError, AuthenticationError, ReauthenticationRequired,
                                    SmartOTPPendingError, SmartOTPRejectedError, SSIError)
    from clients import auth_helper

PENDING_AT_MOST = 60


def totp(base32, now):
    """RFC 6238 with SHA-1, 6 digits, 30 s."""
    mac = hmac.new(base64.b32decode(base32), struct.pack(">Q", int(now) // 30), hashlib.sha1).digest()
    at = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


class World:
    def __init__(self, story, sandbox):
        self.story, self.sandbox, self.claim = story, sandbox, story.claim
        self.hours = 0
        self.clients = {c["otp"]: c for c in sandbox.info["systems"]["fastconnect"]["clients"]}

    def config(self, kind, **more):
        client = self.clients[kind]
        return Config(client_id=client["owner"], api_url=self.sandbox.base, api_key=client["id"],
                      api_secret=client["secret"], log_level="WARNING", **more)

    def code_sent(self, auth_request):
        """Asks for an OTP; the code is the newest text in the outbox."""
        auth_request()
        return re.search(r"\b\d{6}\b", self.outbox()[0]["text"])[0]

    def outbox(self):
        return json.loads(self.sandbox.control("outbox", "--json"))

    def refreshes(self):
        asked = json.loads(self.sandbox.control("requests", "--json"))
        return sum(1 for request in asked if request["operation"] == "refresh")

    def app_code(self):
        return totp(self.clients["typed"]["totp_base32"], time.time())

    def later(self, duration):
        """The authority's clock and the cached expiries, as the cache would be found later."""
        self.sandbox.advance(duration)
        self.hours += int(re.fullmatch(r"(\d+)h", duration)[1])
        cached = json.loads(auth_helper.TOKEN_FILE.read_text())
        for name in ("expiresAt", "refreshExpiresAt"):
            cached[name] -= self.hours * 3600
        auth_helper.TOKEN_FILE.write_text(json.dumps(cached, indent=2))


def accounts_of(auth):
    with Trading(auth) as trading:
        return sorted((a.account_no, a.account_type.value) for a in trading.account.get_account_info())


def seed_flow(world):
    """Seed 000, sync: log in with the OTP, cache, use, refresh after its end."""
    config, cache = world.config("outbox"), auth_helper.TOKEN_FILE
    with Auth(config) as auth:
        code = world.code_sent(auth.request_otp)
        world.claim("no cache: login with the OTP", auth_helper.ensure_auth(auth, otp=code) == "login")
        world.claim("token type Bearer, a JWT, its end in 8 h", auth.token.token_type == "Bearer"
                    and auth.token.access_token.count(".") == 2
                    and abs(auth.token.expires_at - time.time() - 8 * 3600) < 60, auth.token)
        world.claim("the refresh token outlives it by 24 h",
                    auth.token.refresh_token_expires_at - auth.token.expires_at == 86400)
        world.claim("account info", accounts_of(auth) == [("0011221", "Cash"), ("0011226", "Margin"),
                                                          ("0011228", "Derivative")], accounts_of(auth))
    saved = json.loads(cache.read_text())
    world.claim("token_cache.json has the seed's five keys in order", list(saved) == [
        "accessToken", "tokenType", "expiresAt", "refreshToken", "refreshExpiresAt"], list(saved))
    world.claim("and whole seconds", isinstance(saved["expiresAt"], int) and saved["expiresAt"] < 10**10)

    with Auth(config) as auth:
        world.claim("second run: from the cache", auth_helper.ensure_auth(auth) == "cached")
        world.claim("account info", len(accounts_of(auth)) == 3)

    world.later("9h")
    with Auth(config) as auth:
        world.claim("third run, 9 h later: refresh without OTP", auth_helper.ensure_auth(auth) == "refresh")
        world.claim("the right to trade is carried on", len(accounts_of(auth)) == 3)
        again = json.loads(cache.read_text())
        world.claim("both tokens are new, and saved", again["accessToken"] != saved["accessToken"]
                    and again["refreshToken"] != saved["refreshToken"])
        world.claim("the end too", again["expiresAt"] > saved["expiresAt"])
    return saved


def reuse(world, saved):
    """An old cache, as a second script that did not look would use it."""
    live = json.loads(auth_helper.TOKEN_FILE.read_text())
    auth_helper.TOKEN_FILE.write_text(json.dumps(saved | {"expiresAt": 1, "refreshExpiresAt": 0}))
    with Auth(world.config("outbox")) as auth:
        error = world.story.refused("the spent refresh token", ReauthenticationRequired,
                                    lambda: auth_helper.ensure_auth(auth))
        world.claim("with code 401103 and HTTP 401", error and (error.code, error.status_code) == (401103, 401),
                    error and (error.code, error.status_code))
        world.claim("the SDK forgot its token", auth.token is None)
    auth_helper.TOKEN_FILE.write_text(json.dumps(live))
    with Auth(world.config("outbox")) as auth:
        auth.set_token(ssi_sdk.models.Token.from_dict(live))
        error = world.story.refused("the reuse ended the session of the live one", AuthenticationError,
                                    lambda: accounts_of(auth))
        world.claim("with HTTP 401", error and error.status_code == 401)
        world.story.refused("and its refresh token", ReauthenticationRequired, auth.refresh)
    auth_helper.TOKEN_FILE.unlink()


def without_otp(world):
    with Auth(world.config("outbox")) as auth:
        world.claim("login without OTP", auth_helper.ensure_auth(auth) == "login")
        with Data(auth) as data:
            found = data.market_data.get_securities_info_by_board(board="HOSE")
            world.claim("reaches market data", len(found) > 0, found)
        error = world.story.refused("but not the account", AuthenticationError, lambda: accounts_of(auth))
        world.claim("with 403100 and HTTP 403", error and (error.code, error.status_code) == (403100, 403))
    auth_helper.TOKEN_FILE.unlink()


def one_session(world):
    config = world.config("outbox")
    with Auth(config) as first, Auth(config) as second:
        first.authenticate(otp=world.code_sent(first.request_otp))
        second.authenticate(otp=world.code_sent(second.request_otp))
        world.story.refused("a login elsewhere ends the session", AuthenticationError, lambda: accounts_of(first))
        world.claim("the newer one lives", len(accounts_of(second)) == 3)


def wrong_words(world):
    with Auth(world.config("outbox")) as auth:
        code = world.code_sent(auth.request_otp)
        wrong = f"{(int(code) + 1) % 1000000:06d}"
        error = world.story.refused("a wrong OTP", AuthenticationError, lambda: auth.authenticate(otp=wrong))
        world.claim("with 401100", error and error.code == 401100, error)
        auth.authenticate(otp=code)
        world.claim("the right one still works", len(accounts_of(auth)) == 3)
        error = world.story.refused("an OTP twice", AuthenticationError, lambda: auth.authenticate(otp=code))
        world.claim("with 401100", error and error.code == 401100, error)
    client = world.clients["outbox"]
    bad = Config(api_url=world.sandbox.base, api_key=client["id"], api_secret="not it")
    with Auth(bad) as auth:
        error = world.story.refused("a wrong secret", SSIError, auth.authenticate)
        world.claim("with 401105", error and error.code == 401105, error)
        english = str(error)
        auth.rest_client._headers["Accept-Language"] = "vi"
        auth.rest_client.close()
        error = world.story.refused("the same in Vietnamese", SSIError, auth.authenticate)
        world.claim("has other words", error and str(error) != english and not str(error).isascii(), error)
    empty = Config(api_url=world.sandbox.base, api_key=client["id"], api_secret="")
    with Auth(empty) as auth:
        world.story.refused("no secret (by the SDK itself)", AuthenticationError, auth.authenticate)


def smart_typed(world):
    with Auth(world.config("typed")) as auth:
        world.claim("Smart OTP, read from the app", auth.ensure_authenticated(otp=world.app_code()) != "")
        world.claim("account info", accounts_of(auth) == [("0011331", "Cash"), ("0011336", "Margin")])
        before = auth.token.refresh_token
        world.claim("refresh by force", auth.refresh().refresh_token != before)
        world.claim("account info", len(accounts_of(auth)) == 2)


def push(world):
    quick = {"otp_poll_interval_ms": 20, "otp_poll_max_wait_ms": PENDING_AT_MOST * 1000}
    with Auth(world.config("push", **quick)) as auth:
        asked = auth.request_otp_typed()
        world.claim("a push has a transactionId", bool(asked.transaction_id), asked)
        pending = threading.Event()
        refuse = auth.rest_client.post

        def watched(path, **options):
            try:
                return refuse(path, **options)
            except SmartOTPPendingError:
                pending.set()
                raise
        auth.rest_client.post = watched

        def person():
            pending.wait(PENDING_AT_MOST)
            world.sandbox.control("approve", asked.transaction_id)
        aside = threading.Thread(target=person)
        aside.start()
        auth.ensure_authenticated(transaction_id=asked.transaction_id)
        aside.join()
        world.claim("polled while it waited, then approved from the side", pending.is_set())
        world.claim("account info", accounts_of(auth) == [("0011441", "Cash")])

    with Auth(world.config("push", **quick)) as auth:
        asked = auth.request_otp_typed()
        error = world.story.refused("not answered in 2 polls", SmartOTPPendingError, lambda: auth.ensure_authenticated(
            transaction_id=asked.transaction_id, poll_max_retries=2))
        world.claim("HTTP 202", error and error.status_code == 202, error)
        world.sandbox.control("decline", asked.transaction_id)
        error = world.story.refused("declined", SmartOTPRejectedError,
                                    lambda: auth.ensure_authenticated(transaction_id=asked.transaction_id))
        world.claim("with 401115", error and error.code == 401115, error)
        error = world.story.refused("an unknown transaction", SmartOTPRejectedError,
                                    lambda: auth.authenticate(transaction_id="0" * 32))
        world.claim("with 401113", error and error.code == 401113, error)
        other = auth.request_otp_typed().transaction_id
    with Auth(world.config("typed")) as auth:
        error = world.story.refused("another key's transaction", SmartOTPRejectedError,
                                    lambda: auth.authenticate(transaction_id=other))
        world.claim("with 401116", error and error.code == 401116, error)
        world.story.refused("requestOtp where the app shows the code", APIError, auth.request_otp)


async def asynchronous(world):
    config = world.config("outbox")
    async with AsyncAuth(config) as auth:
        await auth.request_otp()
        code = re.search(r"\b\d{6}\b", world.outbox()[0]["text"])[0]
        world.claim("async: login with the OTP", await auth_helper.ensure_auth_async(auth, otp=code) == "login")
    world.later("9h")
    async with AsyncAuth(config) as auth:
        world.claim("async: refresh 9 h later", await auth_helper.ensure_auth_async(auth) == "refresh")
        before = world.refreshes()
        await asyncio.gather(*(auth.refresh() for _ in range(5)))
        world.claim("async: five at once are one refresh", world.refreshes() == before + 1, world.refreshes() - before)
        async with AsyncTrading(auth) as trading:
            accounts = await trading.account.get_account_info()
            world.claim("async: account info", [a.account_no for a in accounts] == ["0011221", "0011226", "0011228"])
        auth_helper.save_token(auth.token)
    async with AsyncAuth(config) as auth:
        world.claim("async: from the cache", await auth_helper.ensure_auth_async(auth) == "cached")
    world.later("33h")
    cached = json.loads(auth_helper.TOKEN_FILE.read_text())
    auth_helper.TOKEN_FILE.write_text(json.dumps(cached | {"expiresAt": 1, "refreshExpiresAt": 0}))
    async with AsyncAuth(config) as auth:
        try:
            await auth_helper.ensure_auth_async(auth)
            world.claim("async: a dead refresh token is refused", False)
        except ReauthenticationRequired as error:
            world.claim("async: a dead refresh token is 401103", error.code == 401103, error)


def main():
    options = arguments()
    if ssi_sdk is None:
        interpreter = install.python(options.kit)
        os.execv(interpreter, [str(interpreter), *sys.argv])
    story = Story()
    story.claim(f"ssi-sdk {ssi_sdk.__version__}", ssi_sdk.__version__ == "3.3.2")
    with tempfile.TemporaryDirectory() as directory, Sandbox(options.bin, "--dialect", "fastconnect") as sandbox:
        auth_helper.TOKEN_FILE = pathlib.Path(directory) / "token_cache.json"
        world = World(story, sandbox)
        smart_typed(world)
        reuse(world, seed_flow(world))
        without_otp(world)
        one_session(world)
        wrong_words(world)
        push(world)
        asyncio.run(asynchronous(world))
    story.end()


if __name__ == "__main__":
    main()

"""The token cache of seed 000, step for step: a file beside the script, plain JSON, the names of
Token.to_dict. Nothing saved yet: log in and save. Saved and over: refresh and save. Else: use it.
"""
import json
import pathlib

from ssi_sdk.models import Token

TOKEN_FILE = pathlib.Path(__file__).with_name("token_cache.json")


def load_token():
    if not TOKEN_FILE.exists():
        return None
    return Token.from_dict(json.loads(TOKEN_FILE.read_text(encoding="utf-8")))


def save_token(token):
    TOKEN_FILE.write_text(json.dumps(token.to_dict(), indent=2), encoding="utf-8")


def ensure_auth(auth, otp=None):
    """What was done: "login", "refresh" or "cached"."""
    done, token = "cached", load_token()
    if token is None:
        token = auth.token_manager.authenticate(otp=otp) if otp else auth.token_manager.authenticate()
        save_token(token)
        done = "login"
    auth.token_manager.set_token(token)
    if auth.token_manager.is_token_expired:
        save_token(auth.token_manager.refresh())
        done = "refresh"
    return done


async def ensure_auth_async(auth, otp=None):
    done, token = "cached", load_token()
    if token is None:
        manager = auth.token_manager
        token = await (manager.authenticate(otp=otp) if otp else manager.authenticate())
        save_token(token)
        done = "login"
    await auth.token_manager.set_token(token)
    if auth.token_manager.is_token_expired:
        save_token(await auth.token_manager.refresh())
        done = "refresh"
    return done

"""Seed 004 in Python, step by step, with requests: encrypt, log in, list, refresh."""
import json
import os
import sys

import requests
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

given = json.loads(os.environ["GIVEN"])


def encrypted(plain):
    """Hexadecimal of a random IV and the AES-256-CBC ciphertext."""
    iv = os.urandom(16)
    pad = padding.PKCS7(128).padder()
    padded = pad.update(json.dumps(plain).encode()) + pad.finalize()
    cipher = Cipher(algorithms.AES(bytes.fromhex(given["key"])), modes.CBC(iv)).encryptor()
    return (iv + cipher.update(padded) + cipher.finalize()).hex()


def call(path, plain, token=None):
    headers = {"Partner-Code": given["partner"], "Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    response = requests.post(given["base"] + path, headers=headers, json={"data": encrypted(plain)}, timeout=30)
    return [response.status_code, response.json()]


login = call("/openapi/v1/auth/login", given["credentials"])
refresh = call("/openapi/v1/auth/refresh", {"refresh_token": login[1]["refresh_token"]})
json.dump({
    "login": login,
    "list": call("/openapi/v1/transaction/qr", given["period"], login[1]["access_token"]),
    "refresh": refresh,
    "list_again": call("/openapi/v1/transaction/qr", given["period"], refresh[1]["access_token"]),
    "wrong_password": call("/openapi/v1/auth/login", given["credentials"] | {"password": "wrong"}),
    "no_token": call("/openapi/v1/transaction/qr", given["period"]),
}, sys.stdout)

"""Seed 001 in Python, step by step, with requests: company token, operator token, validation."""
import datetime
import json
import os
import sys

import requests


class ChatHubAuth:
    def __init__(self, base_url):
        self.base_url = base_url
        self.company_token = None
        self.operator_tokens = {}

    def post(self, path, body):
        headers = {"Authorization": f"Bearer {self.company_token}"} if self.company_token else {}
        response = requests.post(self.base_url + path, headers=headers, json=body, timeout=30)
        response.raise_for_status()
        return response.json()

    def get(self, path, token):
        response = requests.get(self.base_url + path, headers={"Authorization": f"Bearer {token}"}, timeout=30)
        response.raise_for_status()
        return response.json()

    def get_company_token(self, login, password):
        self.company_token = self.post("/api/company/get-token", {"login": login, "password": password})
        return self.company_token

    def get_operator_token(self, operator_id, expires_days=30):
        until = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) + datetime.timedelta(days=expires_days)
        token = self.post("/api/operator/get-token", {"id": operator_id, "expiresAt": until.isoformat() + "Z"})
        self.operator_tokens[operator_id] = token
        return token

    def validate_token(self, token):
        return self.post("/api/operator/validate-token", {"token": token})


def main():
    given, said = json.loads(os.environ["GIVEN"]), {}
    auth = ChatHubAuth(given["base"])
    try:
        said["company"] = auth.get_company_token(given["login"], given["password"])
        said["operator"] = auth.get_operator_token(given["operator"], given["days"])
        said["validation"] = auth.validate_token(said["operator"])
        said["bad"] = auth.validate_token(said["operator"] + "x")
        said["organizations"] = auth.get("/api/company/organization", said["company"])
        said["operators"] = auth.get("/api/operator", said["operator"])
    except requests.HTTPError as error:
        said["refused"] = [error.response.status_code, error.response.json()]
    json.dump(said, sys.stdout)


main()

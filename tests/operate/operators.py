#!/usr/bin/env python3
"""The tokens of one operator of a company are ended, and nobody else's: operators.py --bin DIRECTORY [TEST...]"""
import json
import time

import operated
from operated import Operated


class Operators(Operated):
    realms = '[realms.chat]\ndialect = "chathub"\n'

    def setUp(self):
        super().setUp()
        self.add_company()
        support = self.made("organization", "create", "Support", "--owner", "company")
        self.ann = self.made("operator", "create", "Ann", "--organization", support)
        self.bob = self.made("operator", "create", "Bob", "--organization", support)
        self.port = self.serve()["listening"]
        self.company = json.loads(self.log_in(self.port)[2])
        self.of_ann = [self.delegate(self.ann), self.delegate(self.ann)]
        self.of_bob = self.delegate(self.bob)
        for token in (*self.of_ann, self.of_bob):
            self.assert_lives(token)

    def made(self, *words):
        return json.loads(self.admin(*words, "--json"))[0]["id"]

    def as_company(self, path, body):
        return self.ask(self.port, "POST", path, body, {"Authorization": "Bearer " + self.company})

    def delegate(self, operator):
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        status, _, text = self.as_company("/api/operator/get-token", {"id": operator, "expiresAt": end})
        self.assertEqual(status, 200, text)
        return json.loads(text)

    def seen(self, token):
        """The status of an operator's call, and what the company is told of the token."""
        status = self.ask(self.port, "GET", "/api/operator", headers={"Authorization": "Bearer " + token})[0]
        said = self.as_company("/api/operator/validate-token", {"token": token})
        self.assertEqual(said[0], 200, said[2])
        return status, json.loads(said[2])["isValid"]

    def assert_lives(self, token):
        self.assertEqual(self.seen(token), (200, True))

    def assert_only_anns_are_over(self):
        for token in self.of_ann:
            self.assertEqual(self.seen(token), (403, False))
        self.assert_lives(self.of_bob)
        self.assert_lives(self.delegate(self.ann))  # the operator stays one
        status, _, text = self.ask(self.port, "GET", "/api/company/organization",
                                   headers={"Authorization": "Bearer " + self.company})
        self.assertEqual((status, [one["name"] for one in json.loads(text)]), (200, ["Support"]))

    def test_by_the_command_line(self):
        done = self.admin("grant", "revoke", "--operator", self.ann, "--why", "lost her phone", "--json")
        self.assertEqual(json.loads(done), {"revoked": 2})
        self.assert_only_anns_are_over()

    def test_over_the_socket(self):
        status, _, text = self.ask_admin("POST", "/v1/grant/revoke", {"realm": "chat", "operator": self.ann})
        self.assertEqual((status, json.loads(text)), (200, {"revoked": 2}))
        self.assert_only_anns_are_over()

    def test_while_none_serves(self):
        self.stop()
        done = self.admin("grant", "revoke", "--operator", self.ann, "--json")
        self.assertEqual(json.loads(done), {"revoked": 2})
        self.port = self.serve()["listening"]
        self.assert_only_anns_are_over()

    def test_an_operator_that_is_none(self):
        done = self.admin("grant", "revoke", "--operator", self.ann + self.bob + 1, "--json")
        self.assertEqual(json.loads(done), {"revoked": 0})
        for token in (*self.of_ann, self.of_bob):
            self.assert_lives(token)


if __name__ == "__main__":
    operated.main()

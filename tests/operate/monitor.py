#!/usr/bin/env python3
"""Health, readiness and metrics: monitor.py --bin DIRECTORY [TEST...]"""
import operated
from operated import Operated


class Monitor(Operated):
    def samples(self, text):
        """Prometheus' text format 0.0.4, read strictly: {series: value}."""
        found, typed, helped = {}, {}, set()
        for line in text.splitlines():
            if line.startswith("# HELP "):
                name = line.split(" ", 3)[2]
                self.assertNotIn(name, helped, "two HELP lines")
                helped.add(name)
            elif line.startswith("# TYPE "):
                _, _, name, kind = line.split(" ")
                self.assertIn(kind, ("counter", "gauge", "histogram"))
                self.assertNotIn(name, typed, "two TYPE lines")
                typed[name] = kind
            else:
                series, value = line.rsplit(" ", 1)
                self.assertNotIn(series, found, "two samples of one series")
                found[series] = float(value)
                name = series.split("{")[0]
                base = name
                for end in ("_bucket", "_sum", "_count"):
                    if name.endswith(end) and typed.get(name.removesuffix(end)) == "histogram":
                        base = name.removesuffix(end)
                self.assertIn(base, typed, "a sample before its TYPE")
                if typed[base] == "counter":
                    self.assertTrue(name.endswith("_total"), name)
        self.assertEqual(helped, set(typed))
        return found

    def test_nothing_is_shown_to_the_world_unasked(self):
        port = self.serve()["listening"]
        for path in ("/livez", "/readyz", "/metrics"):
            self.assertEqual(self.ask(port, "GET", path)[0], 404, path)

    def test_health_may_be_public(self):
        self.configure('[monitor]\npublic = "health"\n')
        port = self.serve()["listening"]
        self.assertEqual(self.ask(port, "GET", "/livez")[0], 200)
        self.assertEqual(self.ask(port, "GET", "/readyz")[2], "ok\n")
        self.assertEqual(self.ask(port, "HEAD", "/readyz")[0], 200)
        self.assertEqual(self.ask(port, "POST", "/readyz")[0], 405)
        self.assertEqual(self.ask(port, "GET", "/metrics")[0], 404)

    def test_a_listener_of_its_own(self):
        self.configure("[monitor]\nport = 0\n")
        self.add_company()
        ports = self.serve()
        self.assertEqual(self.log_in(ports["listening"], "wrong")[0], 401)
        self.assertEqual(self.log_in(ports["listening"])[0], 200)
        self.assertEqual(self.ask(ports["listening"], "GET", "/nowhere/at?all=1")[0], 404)
        monitor = ports["monitor_open"]
        self.assertEqual(self.ask(monitor, "GET", "/livez")[2], "ok\n")
        self.assertEqual(self.ask(monitor, "GET", "/readyz")[2], "ok\n")
        self.assertEqual(self.ask(monitor, "POST", "/api/company/get-token", {})[0], 404)
        status, headers, text = self.ask(monitor, "GET", "/metrics")
        self.assertEqual(status, 200)
        self.assertEqual(headers["Content-Type"], "text/plain; version=0.0.4; charset=utf-8")
        found = self.samples(text)
        login = 'latchkeyd_requests_total{realm="chat",operation="login",outcome="%s",status="%s"}'
        self.assertEqual(found[login % ("ok", "2xx")], 1)
        self.assertEqual(found[login % ("bad_credentials", "4xx")], 1)
        self.assertEqual(found['latchkeyd_requests_total{realm="",operation="other",outcome="refused",status="4xx"}'], 1)
        self.assertEqual(found['latchkeyd_request_seconds_count{realm="chat",operation="login"}'], 2)
        self.assertEqual(found['latchkeyd_events_total{realm="chat",event="login_refused"}'], 1)
        self.assertEqual(found["latchkeyd_ready"], 1)
        self.assertGreater(found["process_resident_memory_bytes"], 1e6)
        self.assertGreater(found["process_start_time_seconds"], 1.5e9)
        self.assertEqual(found["latchkeyd_audit_failures_total"], 0)
        for secret in (operated.PASSWORD, "company", "nowhere", str(self.path)):  # checklist 68
            self.assertNotIn(secret, text)

    def test_what_is_wrong_with_its_configuration(self):
        for more, says in (('[monitor]\npublic = "yes"\n', "none, health or all"),
                           ('[monitor]\naddress = "127.0.0.1"\n', "needs a port"),
                           ("[monitor]\nport = 99999\n", "from 0 to 65535"),
                           ("[admin]\nport = 0\n", "never served in the clear"),
                           ('[admin]\nport = 0\ncertificate = "/c"\nkey = "/k"\n', "who may come in?"),
                           ('[admin]\nsocket = "relative"\n', "full path"),
                           ('[audit]\nsync = "often"\n', "line, second or never"),
                           ('[audit]\nfile = "relative"\n', "full path")):
            self.configure(more)
            self.refused(2, says, "config", "check", self.path / "x.toml")

    def test_the_configuration_is_shown_with_all_that_holds(self):
        self.configure('[monitor]\nport = 9464\n[realms.chat.settings]\n')
        shown = self.ok("config", "show", self.path / "x.toml")
        (self.path / "y.toml").write_text(shown)
        self.assertEqual(self.ok("config", "show", self.path / "y.toml"), shown, "what is shown can be read")
        self.assertIn(f'directory = "{self.path}/state"', shown)
        self.assertIn('sync = "second"', shown)
        redacted = self.ok("config", "show", "--redacted", self.path / "x.toml")
        self.assertNotIn(str(self.path), redacted)
        self.assertNotIn("127.0.0.1", redacted)
        self.assertIn("slow_threads = 2", redacted)


if __name__ == "__main__":
    operated.main()

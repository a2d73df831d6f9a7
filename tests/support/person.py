#!/usr/bin/env python3
"""Somebody who clicks through a login in a browser without a screen.

As a program (the BROWSER of a test): person.py URL, with PERSON_LOGIN and
PERSON_PASSWORD in the environment; follows the last redirect, to the loopback
listener of whoever opened the browser. PERSON_OUTBOX is the command that shows what
was sent to this person (`latchkeyd sandbox outbox --json`), where a code may be.
"""
import html.parser
import http.cookiejar
import json
import os
import re
import shlex
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request

MOST_PAGES = 12


class Page(html.parser.HTMLParser):
    """The forms and links of one page."""

    def __init__(self, text):
        super().__init__()
        self.text, self.forms, self.links, self._link = text, [], [], None
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        at = dict(attributes)
        if tag == "form":
            self.forms.append({"action": at.get("action", ""), "method": at.get("method", "get").lower(), "fields": []})
        elif tag in ("input", "button") and self.forms:
            self.forms[-1]["fields"].append({"type": at.get("type", "text" if tag == "input" else "submit"),
                                             "name": at.get("name"), "value": at.get("value", ""),
                                             "checked": "checked" in at})
        elif tag == "a" and "href" in at:
            self.links.append(at["href"])


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Person:
    def __init__(self, login, password, language="en", outbox=None):
        self.login, self.password, self.language, self.outbox = login, password, language, outbox
        self.opener = urllib.request.build_opener(
            NoRedirect, urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
            urllib.request.ProxyHandler({}))

    def fetch(self, url, form=None):
        data = None if form is None else urllib.parse.urlencode(form).encode()
        request = urllib.request.Request(url, data=data, headers={"Accept-Language": self.language})
        if data is not None:
            parts = urllib.parse.urlsplit(url)
            request.add_header("Origin", f"{parts.scheme}://{parts.netloc}")
        try:
            with self.opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read().decode()

    def fill(self, form):
        """The form as a person would send it: what is typed, what is ticked, the first button."""
        values, pressed = [], False
        for field in form["fields"]:
            kind, name = field["type"], field["name"]
            if kind == "submit":
                if name and not pressed:
                    values.append((name, field["value"]))
                pressed = True
            elif not name or (kind in ("checkbox", "radio") and not field["checked"]):
                continue
            elif kind == "password":
                values.append((name, self.password))
            elif name == "code" and self.outbox:
                values.append((name, self.newest_code()))
            elif kind in ("text", "email"):
                values.append((name, self.login))
            else:
                values.append((name, field["value"] or "on"))
        return values

    def newest_code(self):
        said = subprocess.run(shlex.split(self.outbox), capture_output=True, text=True, check=True, timeout=60)
        return re.search(r"\b\d{6}\b", json.loads(said.stdout)[0]["text"])[0]

    def walk(self, url):
        """Logs in and agrees. ("redirect", URL) when sent to another site, or ("page", text) at
        the last page, which has neither a form nor a step further."""
        home = urllib.parse.urlsplit(url).netloc
        form = None
        for _ in range(MOST_PAGES):
            status, headers, text = self.fetch(url, form)
            if status in (301, 302, 303):
                url, form = urllib.parse.urljoin(url, headers["Location"]), None
                if urllib.parse.urlsplit(url).netloc != home:
                    return "redirect", url
                continue
            if status != 200:
                raise RuntimeError(f"{status} at {urllib.parse.urlsplit(url).path}: {text[:300]}")
            page = Page(text)
            step = next((f for f in page.forms if f["method"] == "post"), None)
            onward = [link for link in page.links if "login" in link or "authorize" in link]
            if TOKENS.search(text) or not (step or onward):
                return "page", text
            if step:
                url, form = urllib.parse.urljoin(url, step["action"] or url), self.fill(step)
            else:
                url, form = urllib.parse.urljoin(url, onward[0]), None
        raise RuntimeError("the login has no end")


UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b")
TOKENS = re.compile(r"eyJ[\w-]+\.[\w-]+\.[\w-]+")


def main():
    person = Person(os.environ["PERSON_LOGIN"], os.environ["PERSON_PASSWORD"], outbox=os.environ.get("PERSON_OUTBOX"))
    kind, where = person.walk(sys.argv[1])
    if kind == "redirect":
        person.fetch(where)
    return 0


if __name__ == "__main__":
    sys.exit(main())

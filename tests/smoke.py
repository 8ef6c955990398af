#!/usr/bin/env python3
"""The whole loop, headless: smoke.py BUILD_DIR.

A demo house starts; a ticketing system selects a customer through the C ABI; the flag is `ask`; the cashier signs in
and records a yes through the loopback API; the slip comes out of the virtual printer and is read back, code included; the
other till and head office show the same state; a yes on an address typed at the till is mailed, confirmed by the link, and
counts at the other till; a visitor signs up at the kiosk in the foyer and waits at head office for the confirmation; every
ledger verifies. Last line: `smoke: ok …`."""
import email
import http.cookiejar
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid

DEADLINE_S = 60


class Failed(Exception):
    pass


def wait_for(what: str, check, deadline_s: float = DEADLINE_S):
    """Polls until `check` gives something true; a failing network counts as not yet."""
    end = time.monotonic() + deadline_s
    while time.monotonic() < end:
        try:
            found = check()
        except (OSError, json.JSONDecodeError):
            found = None
        if found:
            return found
        time.sleep(0.05)
    raise Failed(f"{what}: not within {deadline_s:.0f} s")


class Page:
    """What a page of ours does: trade the token, keep cookie and secret."""

    def __init__(self, base: str, api: str = "/api/v1"):
        self.base = base.rstrip("/")
        self.api = api
        self.secret = "none-yet"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def call(self, method: str, path: str, body=None):
        request = urllib.request.Request(self.base + self.api + path, method=method)
        request.add_header("X-Souffleur-Session", self.secret)
        data = None if method == "GET" else b"" if body is None else json.dumps(body).encode()
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with self.opener.open(request, data, timeout=20) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refused:
            raise Failed(f"{method} {path}: {refused.code} {refused.read().decode(errors='replace')[:300]}") from None
        return json.loads(text) if text else None


def open_till(till: dict) -> Page:
    url = pathlib.Path(till["launchFile"]).read_text().strip()
    base, token = url.split("#launch=")
    page = Page(base)
    page.secret = page.call("POST", "/session", {"launchToken": token})["secret"]
    operator = page.call("GET", "/operators")["operators"][0]
    page.call("POST", "/session/sign-in", {"operatorId": operator["operatorId"], "pin": till["pin"]})
    return page


def load_customers(tills: list, pages: list, people: int) -> None:
    for till, page in zip(tills, pages):
        wait_for(f"{till['name']} has the customers", lambda p=page: p.call("GET", "/status")["ledger"]["subjects"] >= people)


class BoxOffice:
    """The sample ticketing system, which loads the C library."""

    def __init__(self, program: pathlib.Path, demo: dict, till: dict):
        self.process = subprocess.Popen(
            [program, "--socket", till["socket"], "--system", demo["system"], "--library", demo["library"], "--script", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sees(self, flag: str) -> None:
        """Reads what it prints until that flag: it keeps the newest alone, and an answer that follows at once would hide this one."""
        for line in self.process.stdout:
            if line.startswith(f"flag {flag} "):
                return
        self.close()

    def tell(self, *lines: str) -> None:
        self.process.stdin.write("".join(line + "\n" for line in lines))
        self.process.stdin.flush()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.stdout.read()
        if self.process.wait(30) != 0:
            raise Failed(f"the box office ended with {self.process.returncode}: the flag did not come")


def answers(desk: dict) -> list:
    asked = [q for q in desk["questions"] if q["asked"]]
    return [{"purpose": q["purpose"], "channel": q["channel"], "choice": "given" if i == 0 else "refused"}
            for i, q in enumerate(asked)]


def record(page: Page, desk: dict) -> dict:
    body = {"idempotencyKey": str(uuid.uuid4()), "questionSetId": desk["questionSetId"],
            "subjectId": desk["customer"]["subjectId"], "outcome": "save", "answers": answers(desk), "method": "spoken",
            "language": desk["customer"]["language"], "contacts": []}
    result = page.call("POST", "/acts", body)
    again = page.call("POST", "/acts", body)
    if again["act"]["actId"] != result["act"]["actId"]:
        raise Failed("the same answer sent twice was stored twice")
    return result


def read_slip(demo: dict) -> str:
    folder = pathlib.Path(demo["paperFolder"])
    png = wait_for("the slip is on paper", lambda: next(iter(sorted(folder.glob("*.png"))), None))
    text = wait_for("its text", lambda: png.with_suffix(".txt").read_text())
    read = subprocess.run(["zbarimg", "-q", "--raw", str(png)], capture_output=True, text=True, check=False)
    code = read.stdout.strip()
    if not re.search(r"#[0-9A-Z-]{20,}", code):
        raise Failed(f"the code on the slip does not read: {code[:80]}")
    if code.split("#")[1].replace("-", "")[:8] not in text.replace("-", ""):
        raise Failed("the code in letters is not the one in the picture")
    return text


def agrees(stand: dict, wanted: list, yes: tuple) -> bool:
    return all(stand.get((a["purpose"], a["channel"])) in (yes if a["choice"] == "given" else ("refused",)) for a in wanted)


def state_at(page: Page, subject: str, wanted: list) -> bool:
    """Does the other till's desk agree about the same subject?"""
    page.call("POST", "/desk/select", {"subjectId": subject})
    desk = page.call("GET", "/desk")
    stand = {(q["purpose"], q["channel"]): q["answered"]["state"] for q in desk["questions"]}
    return agrees(stand, wanted, ("given", "unconfirmed"))


def found_at(page: Page, customer: dict, subject: str) -> bool:
    hits = page.call("POST", "/search", {"query": customer["name"]})["results"]
    return any(hit["subjectId"] == subject for hit in hits)


def hub_agrees(console: Page, subject: str, wanted: list) -> bool:
    detail = console.call("GET", "/people/" + subject)
    stand = {(s["purpose"], s["channel"]): s["state"] for s in detail["states"]}
    return agrees(stand, wanted, ("given", "requested"))


def mail_to(demo: dict, address: str):
    for file in pathlib.Path(demo["mailFolder"]).glob("*"):
        message = email.message_from_bytes(file.read_bytes())
        if message["To"] == f"<{address}>":
            return message
    return None


def newsletter_at(page: Page, subject: str) -> str:
    try:
        page.call("POST", "/desk/select", {"subjectId": subject})
    except Failed:
        return ""  # not come there yet
    rows = page.call("GET", "/desk")["questions"]
    return next((q["answered"]["state"] for q in rows if q["purpose"] == "newsletter" and q["channel"] == "email" and q["answered"]), "")


def confirmed_by_mail(demo: dict, pages: list) -> str:
    """A walk-in says yes on an address that is typed: it waits for its mail, and counts everywhere once that is answered."""
    address = "walk-in@example.org"
    subject = pages[0].call("POST", "/subjects", {"idempotencyKey": str(uuid.uuid4()), "language": "nl", "contacts": [],
                                                  "name": {"given": "Mila", "family": "Proef"}})["customer"]["subjectId"]
    pages[0].call("POST", "/desk/select", {"subjectId": subject})
    desk = wait_for("the walk-in is on the desk", lambda: (d := pages[0].call("GET", "/desk"))["customer"] and d["questions"] and d)
    begin = time.monotonic()
    pages[0].call("POST", "/acts", {
        "idempotencyKey": str(uuid.uuid4()), "questionSetId": desk["questionSetId"], "subjectId": subject, "outcome": "save",
        "answers": [{"purpose": "newsletter", "channel": "email", "choice": "given"}], "method": "spoken", "language": "nl",
        "contacts": [{"kind": "email", "value": address}]})
    wait_for("the yes waits at the other till", lambda: newsletter_at(pages[1], subject) == "unconfirmed")
    message = wait_for("the mail", lambda: mail_to(demo, address))
    text = message.get_payload(0).get_payload(decode=True).decode()
    link = re.search(r"(http://127\.0\.0\.1:\d+)/c#([\w-]{22,})", text)
    if not link:
        raise Failed("the mail has no link")
    if urllib.request.urlopen(f"{link[1]}/c", timeout=20).status != 200:
        raise Failed("the page for customers does not open")
    door = Page(link[1])
    if door.call("POST", "/mail/look", {"token": link[2]})["kind"] != "confirm":
        raise Failed("the link asks for something else")
    door.call("POST", "/mail/confirm", {"token": link[2]})
    wait_for("the yes counts at the other till", lambda: newsletter_at(pages[1], subject) == "given")
    return f"confirmed by mail in {time.monotonic() - begin:.1f} s"


def verify(bin_folder: pathlib.Path, demo: dict) -> int:
    events = 0
    for till in demo["tills"]:
        out = subprocess.run([bin_folder / "souffleur", "--data", till["data"], "ledger", "verify"],
                             capture_output=True, text=True, check=False)
        if out.returncode != 0:
            raise Failed(f"{till['name']}'s ledger: {out.stderr.strip()}")
        events += int(re.search(r"ok: (\d+) events", out.stdout)[1])
    hub = [bin_folder / "souffleur-hub", "--data", pathlib.Path(demo["folder"]) / "hub", "ledger", "verify"]
    out = subprocess.run(hub, capture_output=True, text=True, check=False)
    if out.returncode != 0:
        raise Failed(f"the hub's ledger: {out.stderr.strip()}")
    return events


def loop(bin_folder: pathlib.Path, demo: dict, people: int) -> str:
    one, two = demo["tills"]
    pages = [open_till(one), open_till(two)]
    load_customers(demo["tills"], pages, people)
    customer = next(e for e in demo["examples"] if e["flag"] == "ask")
    office = BoxOffice(bin_folder / "souffleur-boxoffice", demo, one)
    begin = time.monotonic()
    office.tell("wait-terminal 20000", f"select {customer['customer']}", "wait-flag ask 20000")
    desk = wait_for("the panel shows the customer",
                    lambda: (d := pages[0].call("GET", "/desk"))["customer"] and d["flag"] and d)
    flag_s = time.monotonic() - begin
    office.sees("ask")
    if desk["flag"]["kind"] != "ask" or not desk["script"]:
        raise Failed(f"the flag is {desk['flag']['kind']}, not ask, or there is no line to say")
    wanted = answers(desk)
    subject = desk["customer"]["subjectId"]
    act = record(pages[0], desk)["act"]
    stored = time.monotonic()
    pages[0].call("POST", f"/acts/{act['actId']}/slip")
    text = read_slip(demo)
    if len(text) < 200:
        raise Failed("the slip is too short to be one")
    slip_s = time.monotonic() - stored
    wait_for("the other till finds the customer", lambda: found_at(pages[1], customer, subject))
    wait_for("the other till shows the same", lambda: state_at(pages[1], subject, wanted))
    till_s = time.monotonic() - stored
    console = Page(demo["console"])
    console.secret = console.call("POST", "/session", {"name": demo["staff"], "password": demo["password"]})["secret"]
    wait_for("head office shows the same", lambda: hub_agrees(console, subject, wanted))
    hub_s = time.monotonic() - stored
    office.close()
    mail = confirmed_by_mail(demo, pages)
    kiosk_s = sign_up(demo, console)
    return (f"flag ask in {flag_s:.2f} s, {len(wanted)} answers stored, slip read back in {slip_s:.1f} s, "
            f"till 2 in {till_s:.1f} s, head office in {hub_s:.1f} s, {mail}, "
            f"a sign-up from the kiosk in {kiosk_s:.1f} s")


def sign_up(demo: dict, console: Page) -> float:
    """A visitor of the foyer; gives the seconds until head office had them, waiting for their confirmation."""
    base, token = pathlib.Path(demo["kiosk"]["launchFile"]).read_text().strip().split("#launch=")
    kiosk = Page(base, "/api/kiosk/v1")
    kiosk.secret = kiosk.call("POST", "/session", {"launchToken": token})["secret"]
    wait_for("the kiosk takes sign-ups", lambda: kiosk.call("GET", "/health")["takes"])
    house = kiosk.call("GET", "/house")
    question = next(q for q in house["questions"] if q["contact"] == "email")
    language = house["languages"][0]
    mail = f"smoke-{uuid.uuid4().hex[:8]}@example.org"
    begin = time.monotonic()
    taken = kiosk.call("POST", "/sign-ups", {
        "requestId": str(uuid.uuid4()), "language": language, "name": "Sam Voorbeeld", "email": mail, "oldEnough": True,
        "choices": [{"purpose": question["purpose"], "channel": "email", "choice": "given",
                     "notice": question["wordings"][language]["notice"]}]})
    if not taken["slip"]["code"] or not taken["confirmByMail"]:
        raise Failed("the kiosk gave no code, or does not say that a mail follows")
    kiosk.call("POST", "/wipe")

    def waits():
        found = console.call("POST", "/people/search", {"text": mail})["people"]
        return found and {s["state"] for s in console.call("GET", "/people/" + found[0]["id"])["states"]} == {"requested"}

    wait_for("the sign-up waits at head office for its confirmation", waits)
    return time.monotonic() - begin


def only_ours(folder: pathlib.Path):
    """Nothing of the house, not a port nor a log, is there for other users to read."""
    for path in [folder, *folder.rglob("*")]:
        mode = path.lstat().st_mode
        if not stat.S_ISLNK(mode) and mode & 0o077:
            raise Failed(f"{path.relative_to(folder.parent)} is {stat.filemode(mode)}: open to others")


def main() -> int:
    bin_folder = pathlib.Path(sys.argv[1]).resolve() / "bin"
    people = int(os.environ.get("SMOKE_PEOPLE", "1000"))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souffleur-smoke-"))
    house = subprocess.Popen([bin_folder / "souffleur", "demo", "--headless", "--with-parent", "--people", str(people),
                              "--folder", folder / "house"], stdin=subprocess.PIPE)
    ok = False
    try:
        def ready():
            if house.poll() is not None:
                raise Failed("the demo ended before it was open")
            demo = json.loads((folder / "house/demo.json").read_text())
            return demo if demo.get("tills") else None

        demo = wait_for("the demo opens", ready, 120)
        told = loop(bin_folder, demo, people * 8 // 10)
        only_ours(folder / "house")
        house.stdin.close()
        if house.wait(60) != 0:
            raise Failed("the demo did not close cleanly")
        print(f"smoke: ok {told}; {verify(bin_folder, demo)} events verify at both tills and head office")
        ok = True
    except Failed as failure:
        print(f"smoke: failed: {failure}\nthe logs are in {folder}/house/log")
    finally:
        if house.poll() is None:
            house.terminate()
            house.wait(30)
        if ok:
            shutil.rmtree(folder, ignore_errors=True)
    return 0 if ok else 1


if __name__ == "__main__":
    sys.exit(main())

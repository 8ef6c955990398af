"""What happens in the shop and what the till has to make of it. Used by run.py; nothing but the standard library."""
import datetime
import json
import os
import pathlib
import queue
import subprocess
import threading
import time
import traceback
import urllib.error
import urllib.request

# Hang detectors, not expectations: the figures are printed.
DEADLINE_S = 60
BURST = 55


class Shop:
    """pretix's REST API as a box office uses it."""

    def __init__(self, url: str, token: str):
        self.url, self.token = f"{url}/api/v1/organizers/house", token
        self.item = self.question = 0

    def call(self, method: str, path: str, body=None):
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": f"Token {self.token}", "Content-Type": "application/json",
            "User-Agent": "souffleur-pretix-suite"}, data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{method} {path}: {error.code} {error.read()[:500]!r}") from None

    def build(self) -> None:
        self.call("PATCH", "/settings/", {"customer_accounts": True})
        self.call("POST", "/events/", {
            "name": {"en": "Gala"}, "slug": "gala", "live": False, "testmode": False, "currency": "EUR",
            "date_from": "2027-05-01T19:30:00Z", "is_public": False, "plugins": ["pretix.plugins.sendmail"]})
        self.call("PATCH", "/events/gala/settings/", {"locales": ["en", "nl"], "locale": "nl"})
        self.item = self.call("POST", "/events/gala/items/", {
            "name": {"en": "Seat"}, "default_price": "25.00", "active": True, "admission": True})["id"]
        self.call("POST", "/events/gala/quotas/", {"name": "All", "size": 1000, "items": [self.item], "variations": []})
        self.question = self.call("POST", "/events/gala/questions/", {
            "question": {"en": "May we send you our newsletter by e-mail?"}, "type": "B", "required": False,
            "identifier": "newsletter-email", "items": [self.item]})["id"]

    def customer(self, name: str, email: str) -> str:
        given, family = name.split(" ", 1)
        return self.call("POST", "/customers/", {
            "email": email, "name_parts": {"_scheme": "given_family", "given_name": given, "family_name": family},
            "is_active": True, "is_verified": True, "locale": "nl"})["identifier"]

    def order(self, name: str, email: str, customer=None, answer=None) -> dict:
        position = {"item": self.item, "variation": None, "price": "25.00", "answers": [],
                    "attendee_name_parts": {"_scheme": "full", "full_name": name}, "attendee_email": email}
        if answer is not None:
            position["answers"] = [{"question": self.question, "answer": "True" if answer else "False", "options": []}]
        body = {"email": email, "locale": "nl", "sales_channel": "web", "status": "p", "payment_provider": "manual",
                "positions": [position], "send_email": False}
        if customer:
            body["customer"] = customer
        return self.call("POST", "/events/gala/orders/", body)


class Till:
    """The harness as a process: its flags as they come, its answers to what it is asked."""

    def __init__(self, program: pathlib.Path, folder: pathlib.Path, config: pathlib.Path):
        folder.mkdir(parents=True, exist_ok=True)
        self.process = subprocess.Popen([str(program), str(folder), str(config)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, encoding="utf-8")
        self.lines, self.flags, self.answers = [], [], queue.Queue()
        self.changed = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.wait_line("ready")

    def read(self) -> None:
        for line in self.process.stdout:
            line = line.rstrip("\n")
            with self.changed:
                self.lines.append(line)
                if line.startswith(("flag ", "cleared ")):
                    self.flags.append((*line.split(" "), time.monotonic()))
                self.changed.notify_all()
            if line.startswith("{"):
                self.answers.put(json.loads(line))

    def wait_line(self, wanted: str) -> None:
        with self.changed:
            if not self.changed.wait_for(lambda: wanted in self.lines or self.process.poll() is not None, DEADLINE_S) \
                    or wanted not in self.lines:
                raise AssertionError(f"the till never said {wanted}")

    def wait_flag(self, what: str, who: str, since: int = 0) -> tuple:
        def found():
            return next((f for f in self.flags[since:] if f[0] == what and f[1] == who), None)
        with self.changed:
            self.changed.wait_for(found, DEADLINE_S)
            flag = found()
        assert flag, f"no {what} for {who}; status {self.ask('status')}"
        return flag

    def ask(self, command: str) -> dict:
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()
        return self.answers.get(timeout=DEADLINE_S)

    def until(self, command: str, holds) -> dict:
        """Asks until the answer is as wanted; the last answer is in the failure."""
        end = time.monotonic() + DEADLINE_S
        while True:
            answer = self.ask(command)
            if holds(answer):
                return answer
            assert time.monotonic() < end, f"{command}: {answer}"
            time.sleep(0.05)  # polls a condition with a deadline

    def state(self, who: str, holds) -> dict:
        return self.until(f"state {who} newsletter email", holds)

    def stop(self) -> None:
        try:
            if self.process.poll() is None:
                self.process.stdin.write("quit\n")
                self.process.stdin.flush()
            self.process.wait(DEADLINE_S)
        except (OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.reader.join(DEADLINE_S)


def choices(answer: dict) -> list:
    return [act["choice"] for act in answer["acts"]]


class House:
    def __init__(self, url: str, folder: pathlib.Path, program: pathlib.Path):
        self.url, self.folder, self.program = url, folder, program
        self.shop = Shop(url, (folder / "token").read_text(encoding="ascii").strip())
        self.config = self.configure("pretix.toml", "till-token")
        self.anna = ""  # the first test's customer, met again later
        self.delays, self.output = [], []
        self.till = None

    def configure(self, name: str, token: str) -> pathlib.Path:
        path = self.folder / name
        path.write_text(f'format = 1\nurl = "{self.url}"\norganizer = "house"\ntoken_file = "{token}"\n'
                        'sweep_ms = 500\n[[question]]\nidentifier = "newsletter-email"\npurpose = "newsletter"\n'
                        'channel = "email"\n', encoding="utf-8")
        return path

    def open(self) -> None:
        self.till = Till(self.program, self.folder / "till", self.config)
        self.till.until("status", lambda s: s["rounds"] > 0)

    def close(self) -> None:
        self.till.stop()
        self.output += self.till.lines
        self.till = None

    def order(self, name: str, email: str, customer=None, answer=None) -> tuple:
        """Orders and waits for the flag; (order, id, kind)."""
        before = len(self.till.flags)
        placed = self.shop.order(name, email, customer, answer)
        begin = time.monotonic()
        who = f"customer:{customer}" if customer else f"order:gala-{placed['code']}"
        flag = self.till.wait_flag("flag", who, before)
        self.delays.append(max(0.0, flag[3] - begin))
        return placed, who, flag[2]

    # Each test_… is one case, in this order.
    def test_an_order_of_somebody_never_met_raises_a_question(self):
        self.anna = self.shop.customer("Anna Vermeer", "anna@example.org")
        _, _, kind = self.order("Anna Vermeer", "anna@example.org", self.anna)
        assert kind == "unknown+question", kind

    def test_an_order_of_a_guest_raises_a_question(self):
        _, _, kind = self.order("Bram de Wit", "bram@example.org")
        assert kind == "unknown+question", kind

    def test_an_order_of_somebody_on_file_and_never_asked_raises_ask(self):
        hugo = self.shop.customer("Hugo Smit", "hugo@example.org")
        assert self.till.ask(f"know customer:{hugo}")["ok"]
        _, _, kind = self.order("Hugo Smit", "hugo@example.org", hugo)
        assert kind == "ask+question", kind

    def test_a_yes_arrives_as_evidence_with_source_and_date(self):
        placed, who, _ = self.order("Anna Vermeer", "anna@example.org", self.anna, True)
        answer = self.till.state(who, lambda s: s["acts"])
        act = answer["acts"][0]
        assert (act["choice"], act["method"], act["source"]) == \
            ("given", "connector", "pretix:question:newsletter-email"), act
        assert (act["purpose"], act["channel"], act["seen"]) == ("newsletter", "email", 0), act
        when = datetime.datetime.fromisoformat(placed["datetime"])
        assert abs((datetime.datetime.fromisoformat(act["at"].replace("Z", "+00:00")) - when).total_seconds()) < 0.002, act
        assert act["unc"] >= 86_400_000, act
        assert answer["state"] in ("given", "requested"), answer
        assert len(answer["acts"]) == 1, answer

    def test_the_next_order_of_that_customer_shows_the_yes(self):
        _, _, kind = self.order("Anna Vermeer", "anna@example.org", self.anna)
        assert kind == "partial+question", kind  # the pack's other questions are open

    def test_a_no_arrives_as_a_refusal(self):
        _, who, kind = self.order("Carla Prat", "carla@example.org", None, False)
        self.till.state(who, lambda s: s["state"] == "refused" and choices(s) == ["refused"])
        assert kind != "consented", kind

    def test_a_yes_changed_to_no_in_the_shop_is_a_no(self):
        placed, who, _ = self.order("Dina Jansen", "dina@example.org", None, True)
        self.till.state(who, lambda s: choices(s) == ["given"])
        position = placed["positions"][0]["id"]
        self.shop.call("PATCH", f"/events/gala/orderpositions/{position}/", {
            "answers": [{"question": self.shop.question, "answer": "False", "options": []}]})
        self.till.state(who, lambda s: s["state"] == "refused" and sorted(choices(s)) == ["given", "refused"])

    def test_a_cancelled_order_leaves_the_till(self):
        placed, who, _ = self.order("Edo Kuiper", "edo@example.org")
        self.shop.call("POST", f"/events/gala/orders/{placed['code']}/mark_canceled/", {"send_email": False})
        flag = self.till.wait_flag("cleared", who)
        assert flag[2] == "nobody", flag

    def test_told_to_slow_down_it_waits_and_loses_nothing(self):
        before = self.till.ask("status")["limited"]
        (self.folder / "limit.next").write_text("3", encoding="ascii")
        os.replace(self.folder / "limit.next", self.folder / "limit")
        delays = len(self.delays)
        _, who, _ = self.order("Femke Bos", "femke@example.org", None, False)
        del self.delays[delays:]  # this one was told to wait
        self.till.state(who, lambda s: s["state"] == "refused")
        self.till.until("status", lambda s: s["limited"] >= before + 3 and s["reached"])

    def test_an_anonymised_customer_is_written_to_no_more(self):
        gijs = self.shop.customer("Gijs Maas", "gijs@example.org")
        _, who, _ = self.order("Gijs Maas", "gijs@example.org", gijs, True)
        self.till.state(who, lambda s: choices(s) == ["given"])
        self.shop.call("POST", f"/customers/{gijs}/anonymize/", {})
        answer = self.till.state(who, lambda s: s["state"] == "withdrawn")
        assert answer["acts"][0]["source"] == "pretix:anonymised" and answer["acts"][0]["purpose"] == "*", answer
        rounds = self.till.ask("status")["rounds"]
        self.till.until("status", lambda s: s["rounds"] >= rounds + 3)  # a further sweep sees them again
        assert len(self.till.state(who, lambda s: True)["acts"]) == 2

    def test_what_was_ordered_while_the_till_was_off_is_caught_up_once(self):
        self.close()
        codes = [self.shop.order(f"Visitor {i}", f"visitor-{i}@example.org", None, i % 2 == 0)["code"]
                 for i in range(BURST)]
        self.open()
        for i, code in enumerate(codes):
            want = ["given"] if i % 2 == 0 else ["refused"]
            self.till.state(f"order:gala-{code}", lambda s, want=want: choices(s) == want)
        anna = self.till.state(f"customer:{self.anna}", lambda s: True)
        assert choices(anna) == ["given"], anna  # told again after the restart, recorded once

    def test_the_till_took_no_more_rights_than_the_manual_says(self):
        token = (self.folder / "till-token").read_text(encoding="ascii").strip()
        for method, path in (("POST", "/customers/"), ("PATCH", "/settings/"), ("POST", "/events/gala/orders/")):
            try:
                Shop(self.url, token).call(method, path, {})
            except RuntimeError as refused:
                assert ": 403 " in str(refused), refused
            else:
                raise AssertionError(f"{method} {path} was allowed")

    def test_a_token_that_pretix_does_not_know_is_said_clearly(self):
        bad = self.folder / "bad-token"
        bad.write_text("nosuchtoken\n", encoding="ascii")
        bad.chmod(0o600)
        other = Till(self.program, self.folder / "other", self.configure("bad.toml", "bad-token"))
        try:
            status = other.until("status", lambda s: s["problem"] == "refused")
            assert "token" in status["message"] and "nosuchtoken" not in status["message"], status
        finally:
            other.stop()

    def test_a_token_file_open_to_others_is_refused(self):
        (self.folder / "bad-token").chmod(0o644)
        done = subprocess.run([str(self.program), str(self.folder / "other"), str(self.folder / "bad.toml")],
                              capture_output=True, text=True, timeout=DEADLINE_S, check=False)
        assert done.returncode == 1 and "0600" in done.stderr, done

    def test_the_ledger_verifies_and_nothing_personal_was_said(self):
        assert self.till.ask("verify")["ok"]
        self.close()
        text = "\n".join(self.output).lower()
        for word in ("example.org", "vermeer", "kuiper", "visitor"):
            assert word not in text, f"the till said {word}"


def run(url: str, folder: pathlib.Path, program: pathlib.Path) -> tuple:
    passed = failed = 0
    house = House(url, folder, program)
    house.shop.build()
    house.open()
    try:
        for name in [n for n in House.__dict__ if n.startswith("test_")]:
            try:
                getattr(house, name)()
                passed += 1
            except Exception:  # one case must not hide the others
                failed += 1
                print(f"FAILED: {name[5:].replace('_', ' ')}\n{traceback.format_exc()}", flush=True)
    finally:
        if house.till:
            house.close()
    if house.delays:
        delays = sorted(house.delays)
        print(f"pretix: order to flag {delays[len(delays) // 2]:.2f} s (median), {delays[-1]:.2f} s (longest), "
              f"{len(delays)} orders", flush=True)
    return passed, failed

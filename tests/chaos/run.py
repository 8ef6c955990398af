#!/usr/bin/env python3
"""run.py BUILD_DIR [--seconds S] [--tills N] [--hubs N] [--seed N]: a house in which everything dies.

Real hubs on one real PostgreSQL, real tills behind a network that loses, cuts and stalls, cashiers who record answers all
the time, and somebody who ends processes with SIGKILL: tills, hubs, the database. After the time is over all are up and reach
each other, and then it must hold (the oracles): what was acknowledged to a cashier is at head office and at every till
exactly once; all hold the same events; the states that follow from them are the same everywhere; every ledger and the store
verify. A cashier who heard nothing repeats the answer under its key: it must not count twice.

`./dev test chaos` runs ten minutes with twenty tills; the short form is part of `./dev test all`."""
import argparse
import collections
import http.client
import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import threading
import time
import uuid

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from house import House, lines, postgres_bin  # noqa: E402
from smoke import Failed, wait_for  # noqa: E402

SETTLE_S = 300
# Nothing was heard, or half of it.
UNHEARD = (OSError, http.client.HTTPException, json.JSONDecodeError)
AWAY = (*UNHEARD, Failed, KeyError, ValueError, IndexError)


class Ledger:
    """What cashiers were told, over all tills."""

    def __init__(self):
        self.lock = threading.Lock()
        self.acts, self.retracted, self.subjects = {}, set(), {}
        self.stops = 0
        self.repeated = 0

    def person(self, subject: str, till: str) -> None:
        with self.lock:
            self.subjects.setdefault(subject, till)

    def act(self, act: str, subject: str, till: str, outcome: str) -> None:
        with self.lock:
            self.acts[act] = (subject, till)
            self.stops += outcome == "stop-everything"

    def some(self, draw: random.Random):
        with self.lock:
            return draw.choice(list(self.subjects)) if self.subjects else None


class Cashier(threading.Thread):
    """Serves one customer after the other at one till, and goes on when the till comes back."""

    def __init__(self, till, told: Ledger, seed: int):
        super().__init__(daemon=True)
        self.till, self.told, self.draw = till, told, random.Random(seed)
        self.closing = threading.Event()
        self.served = 0

    def run(self) -> None:
        while not self.closing.is_set():
            try:
                self.serve(self.till.open())
                self.served += 1
            except AWAY:
                self.till.page = None
            self.closing.wait(self.draw.random() * 0.3)

    def serve(self, page) -> None:
        subject = self.told.some(self.draw)
        if subject is None or self.draw.random() < 0.4:
            word = "".join(self.draw.choice("abcdefghijklmnop") for _ in range(12))
            desk = self.insist(page, "/subjects", {"idempotencyKey": str(uuid.uuid4()), "language": "nl",
                                                   "name": {"given": "Anna", "family": word.title()},
                                                   "contacts": [{"kind": "email", "value": f"{word}@example.org"}]})
            self.told.person(desk["customer"]["subjectId"], self.till.name)
        else:
            page.call("POST", "/desk/select", {"subjectId": subject})
            desk = page.call("GET", "/desk")
        act = self.answer(page, desk)
        if act and self.draw.random() < 0.1:
            page.call("POST", f"/acts/{act}/undo")
            self.told.retracted.add(act)

    def answer(self, page, desk: dict):
        if not desk["customer"]:
            return None
        open_questions = [q for q in desk["questions"] if q["asked"]] or desk["questions"]
        body = {"idempotencyKey": str(uuid.uuid4()), "questionSetId": desk["questionSetId"], "method": "spoken",
                "subjectId": desk["customer"]["subjectId"], "language": "nl", "contacts": [], "outcome": "save", "answers": []}
        if self.draw.random() < 0.1 or not open_questions:
            body["outcome"] = "stop-everything"
        else:
            body["answers"] = [{"purpose": q["purpose"], "channel": q["channel"],
                                "choice": self.draw.choice(("given", "given", "refused", "deferred"))} for q in open_questions[:9]]
        result = self.insist(page, "/acts", body)
        self.told.act(result["act"]["actId"], body["subjectId"], self.till.name, body["outcome"])
        return result["act"]["actId"]

    def insist(self, page, path: str, body: dict) -> dict:
        """Once more under the same key when nothing was heard: at the till that came back, if need be."""
        try:
            return page.call("POST", path, body)
        except UNHEARD:
            self.till.page = None
        with self.told.lock:
            self.told.repeated += 1
        return wait_for("the till is back", lambda: self.again(path, body), 30)

    def again(self, path: str, body: dict):
        if self.closing.is_set():
            raise Failed("closing")
        return self.till.open().call("POST", path, body)


def harm(house: House, seconds: float, draw: random.Random) -> None:
    """Kills and parts until the time is over; whoever died comes back within a few seconds, as under a service manager."""
    end, back, parted = time.monotonic() + seconds, {}, {}
    while time.monotonic() < end:
        now = time.monotonic()
        for process in [one for one, at in back.items() if at <= now]:
            process.start()
            del back[process]
        for door in [one for one, at in parted.items() if at <= now]:
            house.network.join(door)
            del parted[door]
        kind = draw.choices(("till", "hub", "postgres", "part", "rest"), (10, 4, 1, 6, 6))[0]
        victims = {"till": house.tills, "hub": house.hubs, "postgres": [house.postgres]}.get(kind)
        if victims and (victim := draw.choice(victims)) not in back:
            victim.kill()
            back[victim] = now + draw.random() * 3
        elif kind == "part":
            door = draw.randrange(len(house.tills))
            house.network.part(door)
            parted[door] = now + draw.random() * 10
        time.sleep(draw.random() * 0.6)


def pending(till) -> tuple:
    status = till.open().call("GET", "/status")
    return status["sync"]["state"], status["sync"]["pending"], status["ledger"]["events"]


def settled(house: House) -> bool:
    house.mend()
    seen = []
    for till in house.tills:
        try:
            seen.append(pending(till))
        except AWAY:
            till.page = None
            return False
    return all(state == "synced" and waiting == 0 for state, waiting, _ in seen) and len({events for *_, events in seen}) == 1


class Evidence:
    """What every party holds, read from its own files after all ended."""

    def __init__(self, house: House):
        self.wrong = []
        self.events = {till.name: self.of(till) for till in house.tills}
        self.states = {till.name: self.replayed(till) for till in house.tills}

    def of(self, till) -> dict:
        held = collections.Counter()
        exported = till.command("ledger", "export")
        (till.data.parent / f"{till.name}.ndjson").write_text(exported)
        for line in lines(exported):
            held[(line["header"]["id"], line["header"]["kind"], line["header"]["subject"])] += 1
        return held

    @staticmethod
    def replayed(till) -> dict:
        rows = lines(till.command("ledger", "replay", till.data.parent / f"{till.name}.ndjson"))
        return {(row["subject"], row["purpose"], row["channel"]): row["state"] for row in rows}

    @staticmethod
    def named(states: dict) -> dict:
        """Without the rows of a no to everything: head office keeps the keys that were answered, and asks the events for the rest."""
        return {key: state for key, state in states.items() if "*" not in key}

    def fault(self, words: str) -> None:
        self.wrong.append(words)

    def judge(self, house: House, told: Ledger) -> list:
        first = house.tills[0].name
        for name, held in self.events.items():
            for event, times in held.items():
                if times != 1:
                    self.fault(f"{name} holds event {event[0]} {times} times")
            if held.keys() != self.events[first].keys():
                self.fault(f"{name} and {first} differ in {len(held.keys() ^ self.events[first].keys())} events")
            if self.states[name] != self.states[first]:
                self.fault(f"{name} and {first} differ in states")
            self.acknowledged(name, held, told)
        self.office(house, first)
        if told.stops == 0:
            self.fault("nobody stopped everything: nothing was shown of it")
        return self.wrong

    def acknowledged(self, name: str, held: dict, told: Ledger) -> None:
        acts = {event: subject for event, kind, subject in held if kind == "act"}
        if lost := [act for act, (subject, _) in told.acts.items() if acts.get(act) != subject]:
            self.fault(f"{name} lacks {len(lost)} acknowledged answers: {lost[:3]}")
        retracts = sum(kind == "retract" for _, kind, _ in held)
        if retracts < len(told.retracted):
            self.fault(f"{name} lacks {len(told.retracted) - retracts} acknowledged undos")

    def office(self, house: House, first: str) -> None:
        query = "SELECT encode(id,'hex'), count(*) FROM events WHERE kind <> 'clock' GROUP BY id"
        rows = dict(line.split("|") for line in house.postgres.tell("house", query).splitlines())
        mine = {event.replace("-", "") for event, kind, _ in self.events[first] if kind != "clock"}
        if any(count != "1" for count in rows.values()):
            self.fault("head office holds an event twice")
        if mine != rows.keys():
            self.fault(f"head office and {first} differ in {len(mine ^ rows.keys())} events")
        if (waiting := house.postgres.tell("house", "SELECT count(*) FROM quarantine").strip()) != "0":
            self.fault(f"{waiting} events are in quarantine")
        query = "SELECT encode(person,'hex'), purpose, channel, state FROM states"
        office = {tuple(row[:3]): row[3] for row in (line.split("|") for line in house.postgres.tell("house", query).splitlines())}
        till = {(subject.replace("-", ""), *key): state for (subject, *key), state in self.named(self.states[first]).items()}
        if differing := [key for key in office.keys() | till.keys() if office.get(key) != till.get(key)]:
            shown = [(key, office.get(key), till.get(key)) for key in differing[:3]]
            self.fault(f"head office and {first} differ in {len(differing)} states: {shown}")


def play(house: House, options) -> tuple:
    told, draw = Ledger(), random.Random(options.seed)
    for till in house.tills:
        wait_for(f"{till.name} opens", lambda t=till: t.launch.exists())
    cashiers = [Cashier(till, told, options.seed * 1000 + n) for n, till in enumerate(house.tills)]
    for cashier in cashiers:
        cashier.start()
    harm(house, options.seconds, draw)
    house.network.heal()
    for cashier in cashiers:
        cashier.closing.set()
    for cashier in cashiers:
        cashier.join(60)
    wait_for("everything is up again", house.ready, SETTLE_S)
    begin = time.monotonic()
    wait_for("all have said and heard everything", lambda: settled(house), SETTLE_S)
    return told, time.monotonic() - begin


def examine(house: House, told: Ledger) -> list:
    for process in [*house.tills, *house.hubs]:
        process.end()
    wrong = Evidence(house).judge(house, told)
    for till in house.tills:
        try:
            till.command("ledger", "verify")
        except RuntimeError as failure:
            wrong.append(str(failure))
    try:
        house.hubs[-1].command("ledger", "verify")
    except RuntimeError as failure:
        wrong.append(str(failure))
    return wrong


def main() -> int:
    words = argparse.ArgumentParser()
    words.add_argument("build", type=pathlib.Path)
    words.add_argument("--seconds", type=float, default=600)
    words.add_argument("--tills", type=int, default=20)
    words.add_argument("--hubs", type=int, default=2)
    words.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3), "big"))
    options = words.parse_args()
    if postgres_bin() is None:
        print("SKIPPED: postgresql is not installed\n0 passed, 0 failed, 1 skipped")
        return 0
    folder = pathlib.Path(tempfile.mkdtemp(prefix="souffleur-chaos-"))
    folder.chmod(0o711)
    house = None
    try:
        house = House(options.build.resolve() / "bin", folder, options.tills, options.hubs, options.seed)
        told, settling = play(house, options)
        wrong = examine(house, told)
        house.end()
    except (Failed, RuntimeError, OSError, ValueError) as failure:
        wrong = [f"{type(failure).__name__}: {failure}"]
    if wrong:
        if house:
            house.abandon()
        print("\n".join(wrong))
        print(f"chaos: failed with --seed {options.seed}; all files are in {folder}\n0 passed, 1 failed")
        return 1
    deaths = collections.Counter()
    for process in house.processes():
        deaths[process.name.split("-")[0]] += process.deaths
    print(f"chaos: {options.seconds:.0f} s, {options.tills} tills, {options.hubs} hubs: {len(told.acts)} answers of {len(told.subjects)} people "
          f"acknowledged ({told.stops} of them stop everything, {told.repeated} repeated unheard, {len(told.retracted)} undone), each everywhere once; killed: "
          + ", ".join(f"{name} {count} times" for name, count in deaths.items())
          + f"; connections: {house.network.told}; all agreed after {settling:.1f} s\n1 passed, 0 failed")
    shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A bad network between tills and head office: one TCP door a till, which forwards to any of the hubs, and harms what passes.

Harm is drawn from a seeded generator for each connection: refused, cut after some bytes of either direction, slow, hanging
until somebody gives up. A till can also be parted from everybody for a while. TLS stays whole end to end: what arrives
damaged cannot be taken for an answer, what does not arrive must be sent again."""
import asyncio
import random
import threading

CHUNK = 16 * 1024
HANG_S = 20
FIRST_BYTES = 20_000


class Network:
    """Runs in a thread of its own. `doors` are the ports; calls come from any thread."""

    def __init__(self, doors: int, hubs: list, seed: int):
        self.hubs = hubs
        self.draw = random.Random(seed)
        self.harm = True
        self.parted = set()
        self.told = {"connections": 0, "refused": 0, "cut": 0, "slow": 0, "hung": 0}
        self.ports = []
        self._open = {}
        self._ready = threading.Event()
        self._doors = doors
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._ready.wait(30):
            raise RuntimeError("the doors do not open")

    def part(self, door: int) -> None:
        """Nobody is reached any more, and what is open is cut."""
        self.parted.add(door)
        self._loop.call_soon_threadsafe(self._cut, door)

    def join(self, door: int) -> None:
        self.parted.discard(door)

    def heal(self) -> None:
        self.harm = False
        self.parted.clear()

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(30)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._ready.set()
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))

    async def _listen(self) -> None:
        for door in range(self._doors):
            server = await asyncio.start_server(lambda r, w, d=door: self._pass(d, r, w), "127.0.0.1", 0)
            self.ports.append(server.sockets[0].getsockname()[1])

    def _cut(self, door: int) -> None:
        for writer in list(self._open.get(door, ())):
            writer.transport.abort()

    def _fate(self) -> tuple:
        """(kind, bytes until it happens)"""
        if not self.harm:
            return "well", 0
        kind = self.draw.choices(("well", "refused", "cut", "slow", "hung"), (55, 10, 20, 10, 5))[0]
        return kind, self.draw.randrange(1, FIRST_BYTES)

    async def _pass(self, door: int, reader, writer) -> None:
        kind, budget = self._fate()
        self.told["connections"] += 1
        if kind != "well":
            self.told[kind] += 1
        if kind == "refused" or door in self.parted:
            writer.transport.abort()
            return
        port = self.draw.choice(self.hubs)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._open.setdefault(door, set()).update(both)
        left = [budget]
        try:
            await asyncio.gather(self._pump(reader, far_writer, kind, left), self._pump(far_reader, writer, kind, left))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self._open[door] -= both
            for one in both:
                one.transport.abort() if kind == "cut" else one.close()

    async def _pump(self, source, sink, kind: str, left: list) -> None:
        while data := await source.read(CHUNK):
            if kind in ("cut", "hung"):
                left[0] -= len(data)
                if left[0] <= 0 and kind == "cut":
                    sink.write(data[:len(data) // 2])
                    await sink.drain()
                    raise OSError("cut")
                if left[0] <= 0:
                    await asyncio.sleep(HANG_S)
                    raise OSError("hung")
            elif kind == "slow":
                await asyncio.sleep(self.draw.random() * 0.4)
            sink.write(data)
            await sink.drain()
        if sink.can_write_eof():
            sink.write_eof()

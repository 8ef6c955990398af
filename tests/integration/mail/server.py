#!/usr/bin/env python3
"""A real SMTP server for the tests: `server.py MODE FOLDER [CERT KEY]`. Writes its port to FOLDER/port and each message it
takes to FOLDER/N.eml; ends with its standard input. Modes: plain, starttls, tls, login (over starttls); the address decides the
answer: unknown@ 550 5.1.1, full@ 552 5.2.2, relay@ 554 5.7.1, later@ 451, closing@ 421.
A message with X-Stall is taken without a word, one with X-Close and the connection is closed."""
import asyncio
import pathlib
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

REPLIES = {"unknown": "550 5.1.1 no such user", "full": "552 5.2.2 mailbox full", "relay": "554 5.7.1 relay denied",
           "later": "451 4.3.0 try again", "closing": "421 4.3.2 closing"}


class Handler:
    def __init__(self, folder):
        self.folder, self.count = folder, 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        reply = REPLIES.get(address.split("@")[0])
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        if b"X-Refuse" in envelope.original_content:
            return "554 5.6.0 not this message"
        stalls, closes = (name in envelope.original_content for name in (b"X-Stall", b"X-Close"))
        self.count += 1
        made = self.folder / f"{self.count}.tmp"
        made.write_bytes(envelope.original_content)
        made.rename(self.folder / f"{self.count}.eml")
        if stalls:
            await asyncio.Event().wait()
        if closes:
            _server.transport.close()
        return "250 taken"


def login(_server, _session, _envelope, _mechanism, data):
    good = isinstance(data, LoginPassword) and data.login == b"house" and data.password == b"a word"
    return AuthResult(success=good, handled=False)


async def main():
    mode, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    context = None
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[3], sys.argv[4])
    options = {}
    if mode in ("starttls", "login"):
        options |= {"tls_context": context, "require_starttls": True}
    if mode == "login":
        options |= {"authenticator": login, "auth_required": True}
    handler = Handler(folder)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(handler, hostname="mail.example.org", enable_SMTPUTF8=True, **options),
                                      "127.0.0.1", 0, ssl=context if mode == "tls" else None)
    port = folder / "port.tmp"
    port.write_text(str(server.sockets[0].getsockname()[1]))
    port.rename(folder / "port")
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())

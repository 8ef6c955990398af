"""Runs inside pretix's own Python: `serve.py FOLDER`, where FOLDER holds `data/` (a prepared installation).

Serves on a port of the system's choice on loopback and writes it to FOLDER/port once it listens. While the file
FOLDER/limit holds a number above zero, each request takes one off and is answered 429, as the hosted service does."""
import os
import pathlib
import sys
import threading
import wsgiref.simple_server
from socketserver import ThreadingMixIn

CONFIG = """[pretix]
instance_name=House
url=http://127.0.0.1:{port}
datadir={data}
registration=off
[database]
backend=sqlite3
[mail]
from=house@example.org
host=127.0.0.1
port=9
[django]
debug=off
secret=for-a-test-on-loopback-only
"""


class Server(ThreadingMixIn, wsgiref.simple_server.WSGIServer):
    daemon_threads = True


class Quiet(wsgiref.simple_server.WSGIRequestHandler):
    def log_message(self, *_):
        pass


def configure(folder: pathlib.Path, port: int) -> None:
    config = folder / "pretix.cfg"
    config.write_text(CONFIG.format(port=port, data=folder / "data"))
    os.environ["PRETIX_CONFIG_FILE"] = str(config)


def limited(application, folder: pathlib.Path):
    lock = threading.Lock()

    def take() -> bool:
        with lock:
            try:
                left = int((folder / "limit").read_text())
            except (OSError, ValueError):
                return False
            if left <= 0:
                return False
            (folder / "limit.new").write_text(str(left - 1))
            os.replace(folder / "limit.new", folder / "limit")
            return True

    def wrapped(environ, start_response):
        if environ.get("HTTP_USER_AGENT") != "souffleur-pretix-suite" and take():
            start_response("429 Too Many Requests", [("Retry-After", "1"), ("Content-Type", "text/plain"),
                                                     ("Content-Length", "4")])
            return [b"slow"]
        return application(environ, start_response)

    return wrapped


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    server = Server(("127.0.0.1", 0), Quiet)
    configure(folder, server.server_port)
    from pretix.wsgi import application
    server.set_app(limited(application, folder))
    (folder / "port.new").write_text(str(server.server_port))
    os.replace(folder / "port.new", folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main()

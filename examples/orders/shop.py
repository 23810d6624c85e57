# SPDX-License-Identifier: Apache-2.0
"""The order service as its tests see it: started, asked over HTTP, stopped."""
import concurrent.futures
import contextlib
import http.client
import json
import pathlib
import signal
import tempfile
import time

from harness.running import Running, await_that

CLIENTS = 16


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.text = response.status, response.headers, response.read()
        self.json = json.loads(self.text)

    def __str__(self):
        return f"{self.status} {self.text}"


class Client:
    """One connection, kept alive."""

    def __init__(self, port):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, method, path, body=None):
        self.connection.request(method, path, body)
        return Answer(self.connection.getresponse())

    def get(self, path):
        return self.ask("GET", path)

    def order(self, item=1, quantity=1, customer="ada"):
        return self.ask("POST", "/orders", json.dumps({"customer": customer, "item": item, "quantity": quantity}))

    def order_timed(self, item=1):
        """Places an order; how long that took."""
        start = time.monotonic()
        answer = self.order(item)
        assert answer.status == 201, answer
        return time.monotonic() - start


class Shop:
    def __init__(self, running, port, folder):
        self.running, self.port, self.folder = running, port, folder

    def client(self):
        return Client(self.port)

    def at_once(self, job, clients=CLIENTS):
        """job(client, its number) by many clients at the same time; the results."""
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            return list(pool.map(lambda number: job(self.client(), number), range(clients)))

    def stop(self, by=signal.SIGTERM):
        self.running.send(by)
        return self.running.finish()


@contextlib.contextmanager
def opened(program, *options, under=(), keeps_files=False):
    """The service, running; stopped at the end, and well. under: the words of a command that runs it.
    keeps_files: with --data, in a folder beside the program, because what is in /tmp may never see a disk."""
    with tempfile.TemporaryDirectory(dir=pathlib.Path(program).parent) as folder:
        port_file = pathlib.Path(folder) / "port"
        data = ["--data", folder] if keeps_files else []
        with Running([*under, program, "--port-file", port_file, *data, *options]) as running:
            await_that(port_file.exists, "listening", running)
            shop = Shop(running, int(port_file.read_text()), pathlib.Path(folder))
            yield shop
            if running.process.poll() is None:
                ended = shop.stop()
                assert ended.exit_code == 0 and "orders:" not in ended.stderr, ended

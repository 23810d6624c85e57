# SPDX-License-Identifier: Apache-2.0
"""Real programs and what they are made to do.

A server is loaded in short bursts; a batch runs from its start to its end. Each works in a folder of its own."""
import pathlib
import re
import socket
import subprocess
import time

PATIENCE_S = 20


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Made once for each life: folder, port."""

    BURSTS = 4  # pairs in one life

    def __init__(self, settings, folder):
        self.settings, self.folder, self.port = settings, pathlib.Path(folder), free_port()

    def await_ready(self):
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.01)


def wrk(port, path, *options):
    return ["wrk", "-t1", "-c32", "-d1s", *options, f"http://127.0.0.1:{port}{path}"]


def wrk_requests(output):
    if "Non-2xx" in output or "Socket errors" in output:
        raise RuntimeError(f"wrk: {output}")
    return int(re.search(r"(\d+) requests in", output)[1])


class Nginx(Server):
    """One worker, a static file of 1 KiB; wrk with 32 connections for a second."""

    PAGE = "x" * 1024
    CONFIGURATION = """
worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors;
events {{ worker_connections 256; }}
http {{ access_log off; keepalive_requests 1000000000;
  client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; root {folder}; }} }}
"""

    def command(self):
        (self.folder / "page.html").write_text(self.PAGE)
        (self.folder / "nginx.conf").write_text(self.CONFIGURATION.format(folder=self.folder, port=self.port))
        return ["nginx", "-p", self.folder, "-c", self.folder / "nginx.conf"]

    def load(self):
        return wrk(self.port, "/page.html")

    @staticmethod
    def operations(output):
        return wrk_requests(output)


class Redis(Server):
    """redis-benchmark, GET and SET of 64 bytes, 50 connections, no pipelining, a fixed number of requests."""

    REQUESTS = 50000

    def command(self):
        return ["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--save", "", "--appendonly", "no",
                "--dir", self.folder]

    def load(self):
        return ["redis-benchmark", "-h", "127.0.0.1", "-p", str(self.port), "-c", "50", "-n", str(self.REQUESTS), "-r",
                "10000", "-d", "64", "-t", "set,get", "--csv"]

    @classmethod
    def operations(cls, output):
        return cls.REQUESTS * len(re.findall(r'^"(?:SET|GET)"', output, re.M))


class Orders(Server):
    """The example service with its fault of a lock held too long; wrk with orders."""

    LOAD = pathlib.Path(__file__).resolve().parents[2] / "examples" / "orders" / "post_orders.lua"

    def command(self):
        return [self.settings.build / "examples" / "orders", "--fault=lock", "--data", self.folder, "--port-file",
                self.folder / "port"]

    def await_ready(self):
        deadline = time.monotonic() + PATIENCE_S
        while not (self.folder / "port").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.port = int((self.folder / "port").read_text())

    def load(self):
        return wrk(self.port, "", "-s", str(self.LOAD))


class Sqlite:
    """The shell, one thread, a database in a file without fsync: inserts, an index, joins, updates, sorts, deletes."""

    ROUNDS = 30
    SCHEMA = """pragma journal_mode=wal; pragma synchronous=off;
create table t(a integer primary key, b int, c text); create index i on t(b);
"""
    ROUND = """delete from t;
insert into t select value, value*7919%10007, printf('row %d', value) from generate_series(1,60000);
select count(*), sum(b) from t where b between 100 and 5000;
select count(*) from t x join t y on x.a = y.b;
update t set b = b + 1 where a % 3 = 0;
select c from t order by c desc limit 3;
delete from t where a % 2 = 0;
"""

    def __init__(self, settings, folder):
        self.folder = pathlib.Path(folder)

    def command(self):
        (self.folder / "batch.sql").write_text(self.SCHEMA + self.ROUND * self.ROUNDS)
        return ["sqlite3", "-init", self.folder / "batch.sql", self.folder / "database", ".quit"]


def record(settings, server_class, trace, bursts):
    """A trace of a server under some bursts of load."""
    folder = trace.parent / server_class.__name__
    folder.mkdir()
    folder.chmod(0o777)  # for servers that give up their rights
    server = server_class(settings, folder)
    running = subprocess.Popen([str(word) for word in [*settings.recorded(trace), *server.command()]],
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server.await_ready()
    for _ in range(bursts):
        subprocess.run(server.load(), check=True, stdout=subprocess.DEVNULL)
    running.terminate()
    running.wait()

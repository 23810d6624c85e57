# SPDX-License-Identifier: Apache-2.0
"""haproxy as master and worker with two threads: passes requests on as without us, starts its external check, stops as
without us."""

import http.client
import http.server
import re
import signal
import threading

from harness.look import LOOK, look_at, portraits
from harness.real import Port, RealTest, debian, errors_of
from harness.running import Running, await_that
from harness.story import main

REQUESTS = 100

CONFIGURATION = """
global
    nbthread 2
    external-check
    insecure-fork-wanted
    log stdout format raw local0 notice
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
frontend birds
    bind 127.0.0.1:{port}
    http-request set-header X-Passed yes
    http-request deny deny_status 403 if {{ path_beg /denied }}
    default_backend nests
backend nests
    option external-check
    external-check path "/usr/bin:/bin"
    external-check command {folder}/check
    server nest 127.0.0.1:{backend} check inter 1h
"""


class Nests(http.server.ThreadingHTTPServer):
    def handle_error(self, *unused):
        """The proxy leaves its connections as it likes."""


class Nest(http.server.BaseHTTPRequestHandler):
    """The server behind: says what it was asked."""
    protocol_version = "HTTP/1.1"
    wbufsize = -1   # an answer in one packet

    def do_GET(self):
        body = f"{self.path} passed={self.headers.get('X-Passed')}\n".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *unused):
        pass


def ask(connection, path):
    connection.request("GET", path)
    response = connection.getresponse()
    return path, response.status, response.read()


def play(prefix, folder, stop):
    server = debian("/usr/sbin/haproxy", "haproxy")
    port = Port()
    nest = Nests(("127.0.0.1", 0), Nest)
    thread = threading.Thread(target=nest.serve_forever, args=[0.05])
    thread.start()
    check, looked = folder / "check", folder / "look.check"
    check.write_text(f"#!/bin/sh\n{LOOK} {looked}.new && mv {looked}.new {looked}\n")
    check.chmod(0o755)
    (folder / "haproxy.cfg").write_text(CONFIGURATION.format(folder=folder, port=port.number, backend=nest.server_port))
    numbers = [(rf"\b{port.number}\b", "PORT"), (rf"\b{nest.server_port}\b", "BACKEND"),
               # Its threads open what they need in an order of their own.
               (r"descriptor \d+", "descriptor"), (r"HAPROXY_(?!CFG|LOCALPEER|SERVER_NAME)\w+=.*", "HAPROXY")]
    try:
        with Running([*prefix, server, "-W", "-f", folder / "haproxy.cfg"], folder=folder) as running:
            await_that(port.is_open, "listening", running)
            await_that(looked.exists, "checked", running)
            connection = http.client.HTTPConnection("127.0.0.1", port.number, timeout=30)
            answers = [ask(connection, f"/{number}") for number in range(REQUESTS)]
            answers.append(ask(connection, "/denied"))
            connection.close()
            look = look_at(running, prefix, folder, numbers)
            running.send(stop)
            finished = running.finish()
    finally:
        nest.shutdown()
        thread.join()
        nest.server_close()
        port.close()
    return {"finished": finished, "answers": answers, "look": look, "check": portraits(looked, folder, numbers),
            "stdout": finished.stdout, "errors": [re.sub(r"\(\d+\)", "", line) for line in errors_of(finished)]}


class Haproxy(RealTest):
    def setUp(self):
        self.played = self.both_ways("haproxy", lambda prefix, folder: play(prefix, folder, signal.SIGTERM))

    def test_passes_on_and_stops_as_without_us(self):
        self.assertEqual(self.played.bare["answers"][0], ("/0", 200, b"/0 passed=yes\n"))
        self.assertEqual(self.played.bare["answers"][-1][1], 403, "a path that the bare proxy denies")
        self.assert_same_play(self.played, exit_code=self.played.bare["finished"].exit_code)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_master_and_worker_are_recorded(self):
        """The check gets an environment without us."""
        commands = [start["command"] for start in self.played.dump.events("process_start")]
        self.assertGreaterEqual(sum("haproxy.cfg" in command for command in commands), 2, f"master and worker in {commands}")

    def test_sigusr1_stops_it_softly_as_without_us(self):
        played = self.both_ways("haproxy-soft", lambda prefix, folder: play(prefix, folder, signal.SIGUSR1))
        self.assert_same_play(played, exit_code=played.bare["finished"].exit_code)
        self.assert_whole_play(played)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""nginx: serves as without us, stops cleanly, and the trace holds master and worker with the worker's idle epoll."""

import hashlib
import http.client
import re
import signal

from harness.look import look_at
from harness.real import Port, RealTest, debian, errors_of
from harness.running import Running, await_that
from harness.story import main

REQUESTS = 200
BIG = bytes(range(256)) * 8192

CONFIGURATION = """
user root;
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 64; }}
http {{
    log_format plain '$request_method $uri $status $body_bytes_sent';
    access_log {folder}/access.log plain;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    sendfile on;
    server {{ listen 127.0.0.1:{port}; root {folder}/html; }}
}}
"""


def ask(connection, method, path):
    """What a client sees of one request."""
    connection.request(method, path)
    response = connection.getresponse()
    body = response.read()
    return method, path, response.status, response.getheader("Content-Length"), hashlib.sha256(body).hexdigest()


def play(prefix, folder, stop):
    server = debian("/usr/sbin/nginx", "nginx-light")
    port = Port()
    (folder / "html").mkdir()
    (folder / "html" / "index.html").write_text("<p>hello</p>\n")
    (folder / "html" / "big").write_bytes(BIG)
    (folder / "nginx.conf").write_text(CONFIGURATION.format(folder=folder, port=port.number))
    command = [*prefix, server, "-p", folder, "-c", folder / "nginx.conf", "-e", "stderr"]
    with Running(command) as running:
        await_that(port.is_open, "listening", running)
        connection = http.client.HTTPConnection("127.0.0.1", port.number, timeout=30)
        seen = [ask(connection, method, path) for method, path in (("GET", "/"), ("GET", "/big"), ("HEAD", "/big"),
                                                                  ("GET", "/nothing"), ("POST", "/"))]
        seen += [ask(connection, "GET", "/") for _ in range(REQUESTS)]
        connection.close()
        look = look_at(running, prefix, folder, [(str(port.number), "PORT")])
        running.send(stop)
        finished = running.finish()
    port.close()
    return {"finished": finished, "answers": seen, "stdout": finished.stdout,
            "errors": [re.sub(r"^\S+ \S+|\d+#\d+|\*\d+|/\S+/(bare|traced)/|:\d+", "", line) for line in errors_of(finished)],
            "access log": (folder / "access.log").read_text(), "look": look}


class Nginx(RealTest):
    def setUp(self):
        self.played = self.both_ways("nginx", lambda prefix, folder: play(prefix, folder, signal.SIGTERM))

    def test_serves_and_stops_as_without_us(self):
        self.assertEqual(self.played.bare["answers"][1][2:4], (200, str(len(BIG))), "the bare server serves a big file")
        self.assert_same_play(self.played)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_worker_is_a_child_of_the_master(self):
        starts = self.played.dump.events("process_start")
        children = [start for start in starts if start["parent_pid"] in {other["pid"] for other in starts}]
        self.assertEqual(len(children), 1, f"processes whose parent is recorded, among {starts}")

    def test_worker_waits_for_work_in_epoll(self):
        report = self.played.report
        worker = max(self.played.lanes_named("nginx"), key=lambda lane: lane.waiting_ns["poll"])
        others_ns = worker.span_ns - worker.waiting_ns["poll"] - worker.running_ns
        self.assertGreater(worker.waiting_ns["poll"], others_ns, f"the worker mostly polls: {worker}\n{report}")
        polls = [wait for wait in report.waits if wait.reason == "poll" and wait.is_idle]
        self.assertTrue(polls, f"idle waits for poll\n{report}")
        self.assertIn("epoll", str(max(polls, key=lambda wait: wait.total_ns).object), "object of the longest of them")

    def test_sigint_stops_it_as_without_us(self):
        played = self.both_ways("nginx-sigint", lambda prefix, folder: play(prefix, folder, signal.SIGINT))
        self.assert_same_play(played)
        self.assert_whole_play(played)


if __name__ == "__main__":
    main()

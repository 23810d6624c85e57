# SPDX-License-Identifier: Apache-2.0
"""memcached with its worker threads: answers as without us, stops as without us, and its threads are known."""

import os
import signal
import socket

from harness.look import look_at
from harness.real import Port, RealTest, debian, errors_of
from harness.running import Running, await_that
from harness.story import main

CLIENTS, ROUNDS, THREADS = 8, 50, 4


def command(stream, words, value=None):
    """Sends one command of the text protocol; its answer up to the line that ends it."""
    stream.write(words.encode() + b"\r\n" + (b"" if value is None else value + b"\r\n"))
    stream.flush()
    answer = []
    while not answer or answer[-1].startswith(b"VALUE ") or (len(answer) > 1 and answer[-1] != b"END\r\n"):
        answer.append(stream.readline())
        if answer[-1].startswith(b"VALUE "):
            answer.append(stream.read(int(answer[-1].split()[3]) + 2))
            answer.append(stream.readline())
    return b"".join(answer).decode()


def play(prefix, folder, stop):
    server = debian("/usr/bin/memcached", "memcached")
    port = Port()
    as_user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with Running([*prefix, server, "-l", "127.0.0.1", "-p", port.number, "-U", "0", "-m", "16", "-t", THREADS, *as_user],
                 folder=folder) as running:
        await_that(port.is_open, "listening", running)
        answers = []
        connections = [socket.create_connection(("127.0.0.1", port.number), timeout=30) for _ in range(CLIENTS)]
        streams = [connection.makefile("rwb") for connection in connections]
        for round_number in range(ROUNDS):
            for client, stream in enumerate(streams):
                key = f"key{client}"
                value = bytes([65 + client]) * (round_number * 100)
                answers += [command(stream, f"set {key} 0 0 {len(value)}", value), command(stream, f"get {key}")]
        answers += [command(streams[0], words) for words in
                    ("get nothing", "incr key0 1", "delete key1", "get key1", "nosuchcommand", "version")]
        for stream in streams:
            stream.close()
        for connection in connections:
            connection.close()
        look = look_at(running, prefix, folder, [(str(port.number), "PORT")])
        running.send(stop)
        finished = running.finish()
    port.close()
    return {"finished": finished, "answers": answers, "stdout": finished.stdout, "errors": errors_of(finished), "look": look}


class Memcached(RealTest):
    def setUp(self):
        self.played = self.both_ways("memcached", lambda prefix, folder: play(prefix, folder, signal.SIGTERM))

    def test_answers_and_stops_as_without_us(self):
        self.assertEqual(self.played.bare["answers"][:4:2], ["STORED\r\n"] * 2, "the bare server stores")
        self.assert_same_play(self.played)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_workers_poll_and_hardly_run(self):
        """Their last wait never ends, so what they did in it is unknown."""
        workers = self.played.lanes_named("mc-worker")
        self.assertEqual(len(workers), THREADS, f"threads of that name\n{self.played.report}")
        for lane in workers:
            self.assertGreater(lane.waiting_ns["poll"], 0, f"waiting for work in {lane}")
            self.assertLess(lane.running_ns, lane.span_ns // 2, f"time on the CPU of {lane}")

    def test_sigint_stops_it_as_without_us(self):
        played = self.both_ways("memcached-sigint", lambda prefix, folder: play(prefix, folder, signal.SIGINT))
        self.assert_same_play(played)
        self.assert_whole_play(played)


if __name__ == "__main__":
    main()

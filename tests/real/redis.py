# SPDX-License-Identifier: Apache-2.0
"""redis-server: answers as without us, saves from a forked child, stops cleanly; the trace holds its event loop, its
threads and its child."""

import re
import signal

from harness.look import look_at
from harness.real import Port, RealTest, debian
from harness.running import Running, await_that, run
from harness.story import main

COMMANDS = [["PING"], ["SET", "name", "value"], ["GET", "name"], ["GET", "nothing"],
            *[["INCR", "counter"] for _ in range(20)], ["LPUSH", "list", "a", "b", "c"], ["LRANGE", "list", "0", "-1"],
            ["BLPOP", "empty", "0.05"], ["EVAL", "return redis.call('GET','counter')", "0"], ["NOSUCH"], ["DBSIZE"]]


def play(prefix, folder, stop):
    server, client = debian("/usr/bin/redis-server", "redis-server"), debian("/usr/bin/redis-cli", "redis-tools")
    port = Port()
    ask = [client, "-h", "127.0.0.1", "-p", str(port.number)]
    command = [*prefix, server, "--bind", "127.0.0.1", "--port", port.number, "--dir", folder, "--save", "",
               "--appendonly", "no", "--always-show-logo", "no", "--loglevel", "notice"]
    with Running(command) as running:
        await_that(port.is_open, "listening", running)
        answers = [(run(*ask, *words).stdout, words) for words in COMMANDS]
        run(*ask, "BGSAVE")
        await_that(lambda: "rdb_bgsave_in_progress:0" in run(*ask, "INFO", "persistence").stdout, "saved", running)
        status = re.search(r"rdb_last_bgsave_status:\w+", run(*ask, "INFO", "persistence").stdout).group()
        look = look_at(running, prefix, folder, [(str(port.number), "PORT")])
        running.send(stop)
        finished = running.finish()
    port.close()
    varying = re.compile(r"^\d+:(\w \d+ \w+ \d+ [\d:.]+ |signal-handler \(\d+\))|port=\d+|pid[ =]\d+")
    log = [varying.sub("", line) for line in finished.stdout.splitlines()
           if "overcommit" not in line and "CoW" not in line]
    return {"finished": finished, "answers": answers, "save": status, "log": log,
            "file": (folder / "dump.rdb").exists(), "look": look}


class Redis(RealTest):
    def setUp(self):
        self.played = self.both_ways("redis", lambda prefix, folder: play(prefix, folder, signal.SIGTERM))

    def test_answers_and_stops_as_without_us(self):
        self.assertEqual(self.played.bare["answers"][2][0], "value\n", "the bare server answers")
        self.assertEqual(self.played.bare["save"], "rdb_last_bgsave_status:ok", "the bare server saves")
        self.assert_same_play(self.played)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_event_loop_waits_for_work_in_epoll(self):
        report = self.played.report
        loop = max(self.played.lanes_named("redis-server"), key=lambda lane: lane.waiting_ns["poll"])
        self.assertGreater(loop.waiting_ns["poll"], loop.span_ns // 2, f"the event loop mostly polls: {loop}\n{report}")
        self.assertTrue([wait for wait in report.waits if wait.reason == "poll" and wait.is_idle],
                        f"idle waits for poll\n{report}")

    def test_background_threads_never_run(self):
        """They begin to wait on a condition and are never woken."""
        for name in "bio_close_file", "bio_aof", "bio_lazy_free":
            # Names differ between versions behind the first words.
            lanes = [lane for lane in self.played.report.lanes if lane.name.startswith(name)]
            self.assertTrue(lanes, f"a thread named {name}\n{self.played.report}")
            for lane in lanes:
                self.assertLess(lane.running_ns, lane.span_ns // 20, f"time on the CPU of {lane}")

    def test_saving_child_is_recorded(self):
        starts = self.played.dump.events("process_start")
        children = [start for start in starts if start["parent_pid"] in {other["pid"] for other in starts}]
        self.assertEqual(len(children), 1, f"processes whose parent is recorded, among {starts}")

    def test_sigint_stops_it_as_without_us(self):
        played = self.both_ways("redis-sigint", lambda prefix, folder: play(prefix, folder, signal.SIGINT))
        self.assert_same_play(played)
        self.assert_whole_play(played)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Reading pipes that are empty and writing to pipes that are full."""

import os
import threading
import time

from harness.report import Report
from harness.running import TICKBIRD, run
from harness.story import StoryTest, main

FED_AFTER_S = 0.1


class Pipes(StoryTest):
    def setUp(self):
        self.story = self.tell("pipes")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        for function in ("read_the_empty_pipe", "readv_the_empty_pipe", "write_the_full_pipe", "writev_the_full_pipe"):
            with self.subTest(function):
                self.assert_waits_in(self.story, "pipe", function)
                self.assert_waits_in(self.story, "pipe", function, "main")

    def test_a_wait_names_what_its_descriptor_is(self):
        for wait in self.assert_waits_in(self.story, "pipe", "read_the_empty_pipe"):
            self.assertIn("pipe", str(wait.object), f"object of {wait}")

    def test_first_wait_of_a_reused_number_names_the_file_that_it_is_now(self):
        """Was: that of the file before, since the new name was dated by the end of the first wait."""
        names = [str(self.folder / name) for name in ("first", "second", "third")]
        for name in names:
            os.mkfifo(name)

        def feed():
            for name in names:
                with open(name, "wb", 0) as pipe:
                    time.sleep(FED_AFTER_S)
                    pipe.write(b"word\n")
        feeder = threading.Thread(target=feed)
        feeder.start()
        trace = self.folder / "reused.tbt"
        finished = run(TICKBIRD, "run", "-o", trace, "--", "/bin/sh", "-c",
                       'for name; do read -r line <"$name"; echo "$line"; done', "sh", *names)
        feeder.join()
        self.assertEqual((finished.exit_code, finished.stdout), (0, "word\n" * 3), finished)
        report = Report(trace)
        waited = {wait.object: wait.total_ns for wait in report.waits if wait.reason == "pipe"}
        for name in names:
            self.assertGreater(waited.get(name, 0), FED_AFTER_S * 0.9e9, f"waiting for {name}\n{report}")


if __name__ == "__main__":
    main()

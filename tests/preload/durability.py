# SPDX-License-Identifier: Apache-2.0
"""fsync and fdatasync of a file on a disk."""

from harness.running import BUILD
from harness.story import StoryTest, main


class Durability(StoryTest):
    def setUp(self):
        self.story = self.tell("durability", BUILD)

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.skip_what_is_missing(self.story)
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        self.skip_what_is_missing(self.story)
        for way in "fsync", "fdatasync":
            with self.subTest(way):
                self.assert_waits_in(self.story, "disk", f"make_durable_by_{way}")

    def test_a_wait_names_the_file(self):
        self.skip_what_is_missing(self.story)
        for wait in self.assert_waits_in(self.story, "disk", "make_durable_by_fsync"):
            self.assertIn("durability.bytes", str(wait.object), f"object of {wait}")


if __name__ == "__main__":
    main()

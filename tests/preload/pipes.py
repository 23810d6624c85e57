# SPDX-License-Identifier: Apache-2.0
"""Reading pipes that are empty and writing to pipes that are full."""

from harness.story import StoryTest, main


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


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Sockets: reading from silent peers, sending into full buffers, accept and connect."""

from harness.story import StoryTest, main


class Sockets(StoryTest):
    def setUp(self):
        self.story = self.tell("sockets")

    def test_behaves_as_without_us(self):
        self.assert_same_behaviour(self.story)

    def test_trace_is_whole(self):
        self.assert_whole(self.story)

    def test_totals_are_those_of_the_program(self):
        self.assert_totals(self.story)
        self.assert_not_running(self.story)

    def test_each_way_is_named(self):
        for function in ("wait_by_read", "wait_by_recv", "wait_by_recvfrom", "wait_by_recvmsg", "wait_by_accept",
                         "wait_by_accept4", "wait_by_connect", "send_to_a_full_buffer"):
            with self.subTest(function):
                self.assert_waits_in(self.story, "network", function)
                self.assert_waits_in(self.story, "network", function, "main")

    def test_a_tcp_wait_names_the_peer(self):
        objects = [str(wait.object) for wait in self.assert_waits_in(self.story, "network", "wait_by_recv")]
        self.assertTrue(any("127.0.0.1:" in name for name in objects), f"a peer's address among {objects}")


if __name__ == "__main__":
    main()

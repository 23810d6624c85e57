# SPDX-License-Identifier: Apache-2.0
"""The checker of what is true of every trace finds each thing that is not."""

import unittest

from harness.invariants import Invariants
from harness.story import main

WHOLE = """tickbird trace 1

block clock=monotonic
slice thread=0
10 recording_start realtime_ns=1 threshold_ns=10000 command="a" directory="/" recorder="t"
11 string id=1 text="main"
12 module module=1 path="/bin/a" build_id=""
13 process_start process=1 pid=7 parent_pid=1 executable="/bin/a" command="a"
14 mapping process=1 start=0x1000 size=4096 file_offset=0 module=1
15 thread thread=1 process=1 tid=7
16 thread_totals thread=1 cpu_ns=5 run_delay_ns=0 voluntary_switches=1 involuntary_switches=0
17 stack_node process=1 node=1 parent=0 pc=0x1010 kind=0
18 stack_node process=1 node=2 parent=1 pc=0x1020 kind=0
19 frame process=1 pc=0x1010 inline_depth=0 function=1 file=0 line=0 module=1
slice thread=1 time=20
20 thread_start creator_tid=0 stack=0
30+10 sleep_wait stack=2
45+5 lock_wait object=0x10 stack=1
42+20 condition_wait object=0x20 mutex=0x10 stack=1
70 thread_end cpu_ns=6 voluntary_switches=2 involuntary_switches=0
slice thread=0
80 thread_totals thread=1 cpu_ns=6 run_delay_ns=0 voluntary_switches=2 involuntary_switches=0
81 process_end process=1
90 recording_end exit_code=0 lost_events=0
"""

# What is put for what, and a word of the complaint.
BREAKAGES = [
    ("30+10 sleep_wait stack=2", "30+10 sleep_wait stack=3", "stack 3"),
    ("30+10 sleep_wait stack=2", "30+13 sleep_wait stack=2", "begins inside"),
    ("30+10 sleep_wait stack=2", "30+50 sleep_wait stack=2", "ends before"),
    ("20 thread_start creator_tid=0 stack=0\n", "", "no begin"),
    ("20 thread_start creator_tid=0 stack=0\n", "20 thread_start creator_tid=0 stack=0\n" * 2, "had begun"),
    ("70 thread_end", "29 thread_end cpu_ns=6\n70 thread_end", "behind the end"),
    ("20 thread_start", "20+5 lock_wait object=0x10 stack=1\n20 thread_start", "events before"),
    ("cpu_ns=6 run_delay_ns=0", "cpu_ns=4 run_delay_ns=0", "less than before"),
    ("node=2 parent=1", "node=2 parent=2", "not older"),
    ("node=2 parent=1", "node=3 parent=1", "has 2 nodes"),
    ("node=2 parent=1", "node=1 parent=0", "told before"),
    ("81 process_end process=1\n", "", "without an end"),
    ("81 process_end process=1\n", "81 process_end process=1\n" * 2, "had ended"),
    ("81 process_end", "81 unmapping process=1 start=0x2000\n81 process_end", "nothing was mapped"),
    ("lost_events=0", "lost_events=3", "0 events were told"),
    ("15 thread thread=1 process=1", "15 thread thread=1 process=2", "process 2 is not known"),
    ("slice thread=1 time=20", "slice thread=4 time=20", "thread 4"),
    ("function=1", "function=9", "function 9"),
    ("10 recording_start", "10 host", "no start"),
    ("45+5 lock_wait", "45 string id=2 text=\"\"\n45+5 lock_wait", "no event of a thread"),
]


class TheChecker(unittest.TestCase):
    def test_finds_nothing_in_a_whole_trace(self):
        self.assertEqual(Invariants(WHOLE.splitlines()).broken, [])

    def test_finds_each_breakage(self):
        for right, wrong, word in BREAKAGES:
            with self.subTest(right=right, wrong=wrong):
                self.assertIn(right, WHOLE)
                broken = Invariants(WHOLE.replace(right, wrong).splitlines()).broken
                self.assertTrue(any(word in sentence for sentence in broken), f"no complaint with {word!r} in {broken}")

    def test_leaves_out_what_a_cut_trace_cannot_have(self):
        self.assertEqual(Invariants(WHOLE[:WHOLE.index("81 process_end")].splitlines()).broken, [])


if __name__ == "__main__":
    main()

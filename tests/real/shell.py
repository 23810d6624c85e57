# SPDX-License-Identifier: Apache-2.0
"""bash: pipelines, substitutions, traps, jobs and here-documents come out as without us, and every command is in the
trace."""

import re

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

SCRIPT = r"""
set -o pipefail
seq 1 20000 | sort -rn | head -3 | cat
echo "status ${PIPESTATUS[*]}"
text=$(printf 'a\nb\nc\n' | while read -r line; do echo "<$line>"; done)
echo "$text"
diff <(echo same; echo one) <(echo same; echo two)
cat <<END
here $((6 * 7))
END
sleep .2 &
job=$!
trap 'echo "trapped"' USR1
kill -USR1 $$
wait $job; echo "job $?"
(exit 9); echo "subshell $?"
sh -c 'kill -KILL $$'; echo "killed $?"
"$1" "$2"
exec 5>&1; echo "through five" >&5
for fd in /proc/self/fd/*; do echo "${fd##*/}"; done | sort -n | tail -1 | wc -l
sleep .1 | cat
exec sh -c 'echo last >&2; exit 4'
"""


def play(prefix, folder):
    finished = run(*prefix, debian("/usr/bin/bash", "bash"), "-c", SCRIPT, "bash", LOOK, folder / "look",
                   folder=folder)
    return {"finished": finished, "stdout": finished.stdout,
            "errors": [re.sub(r"line \d+: +\d+", "", line) for line in errors_of(finished)],
            "look": portraits(folder / "look", folder, [(r"/proc/self/fd/\d+|environment (SHLVL|_)=.*", "SHELL")])}


class Shell(RealTest):
    def setUp(self):
        self.played = self.both_ways("shell", play)

    def test_comes_out_as_without_us(self):
        self.assertIn("last", self.played.bare["errors"], "the bare script came to its end")
        self.assert_same_play(self.played, exit_code=4)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_every_command_is_recorded(self):
        names = {lane.name for lane in self.played.report.lanes}
        self.assertLessEqual({"bash", "seq", "sort", "head", "cat", "diff", "sleep", "wc", "sh"}, names)

    def test_sleeps_and_waits_for_children_are_known(self):
        slept_ns = sum(lane.waiting_ns["sleep"] for lane in self.played.report.named("sleep"))
        self.assertGreaterEqual(slept_ns, 297_000_000, f"what the sleeps slept\n{self.played.report}")
        waited_ns = sum(lane.waiting_ns["child"] for lane in self.played.report.named("bash"))
        self.assertGreaterEqual(waited_ns, 250_000_000, f"what bash waited for its children\n{self.played.report}")

    def test_cat_waits_for_its_pipe(self):
        waited_ns = max(lane.waiting_ns["pipe"] for lane in self.played.lanes_named("cat"))
        self.assertGreaterEqual(waited_ns, 90_000_000, f"cat behind a sleep\n{self.played.report}")


if __name__ == "__main__":
    main()

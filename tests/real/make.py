# SPDX-License-Identifier: Apache-2.0
"""make -j2 of a part of this tree, with a make below it that shares its jobs: the same objects, the same complaints."""

import hashlib
import pathlib
import re

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import BUILD, run
from harness.story import main

TREE = pathlib.Path(__file__).parents[2] / "src"

MAKEFILE = r"""
CFLAGS := -std=gnu17 -O1 -I{tree} -I{build}/generated -D_GNU_SOURCE -DTB_VERSION='"0"'
sources := $(filter-out %_test.c, $(wildcard {tree}/base/*.c {tree}/trace/model/*.c))
objects := $(notdir $(sources:.c=.o))
VPATH := {tree}/base:{tree}/trace/model
all: library below
library: $(objects)
	ar rcD library.a $^
%.o: %.c
	@$(CC) $(CFLAGS) -c $< -o $@
below: library
	@+$(MAKE) --no-print-directory -f Makefile one two three
one two three: library
	@sleep 0.1; echo done >$@
looked: library
	@{look} {folder}/look
broken: library
	@cat no.such.file
"""


def play(prefix, folder):
    debian("/usr/bin/make", "make")
    (folder / "Makefile").write_text(MAKEFILE.format(tree=TREE, build=BUILD, folder=folder, look=LOOK))
    command = "make -s -j2 all && make -s looked; make -s broken; exit $?"
    finished = run(*prefix, "/bin/sh", "-c", command, folder=folder)
    built = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())
             if path.suffix in (".o", ".a") or path.name in ("one", "two", "three")}
    return {"finished": finished, "stdout": finished.stdout, "built": built,
            "errors": [re.sub(r":\d+:", "", line) for line in errors_of(finished)],
            "look": portraits(folder / "look", folder, [(r"/tmp/GMfifo\d+", "FIFO")])}


class Make(RealTest):
    def setUp(self):
        self.played = self.both_ways("make", play)

    def test_builds_the_same(self):
        self.assertIn("clock_map.o", self.played.bare["built"], f"the bare build: {self.played.bare['finished']}")
        self.assert_same_play(self.played, exit_code=2)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_every_compiler_is_recorded(self):
        compiled = sum(lane.name == "cc1" for lane in self.played.report.lanes)
        self.assertEqual(compiled, sum(name.endswith(".o") for name in self.played.bare["built"]), f"{self.played.report}")


if __name__ == "__main__":
    main()

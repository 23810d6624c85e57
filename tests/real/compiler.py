# SPDX-License-Identifier: Apache-2.0
"""gcc with the compiler, assembler and linker that it starts, link-time optimisation in two jobs among them: the same
program, byte for byte, and the same complaints."""

import hashlib

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

SOURCES = {"bird.c": "#include <stdio.h>\nint wings(void);\nint main(void) { printf(\"%d wings\\n\", wings()); return wings(); }\n",
           "wings.c": "#include <math.h>\nint wings(void) { return (int)sqrt(4.0) + MORE; }\n",
           "wrong.c": "int main(void) { return no_such_bird; }\n"}

SCRIPT = r"""
gcc -Q --version >/dev/null 2>&1
gcc -wrapper "$1,$2,--" -O2 -g -fdebug-prefix-map="$PWD"=. -DMORE=0 -pipe -c wings.c -o wings.o && gcc -O2 -g -fdebug-prefix-map="$PWD"=. -c bird.c && gcc bird.o wings.o -lm -o bird
./bird; echo "bird $?"
gcc -flto=2 -O2 -DMORE=5 bird.c wings.c -lm -o together && ./together; echo "together $?"
ar rc libwings.a wings.o && gcc -static-libgcc bird.o -L. -lwings -lm -o archived && ./archived
gcc -E bird.c | grep -c .
sha256sum bird archived | cut -d' ' -f1
gcc -c wrong.c; echo "wrong $?"
gcc bird.o -o incomplete; echo "incomplete $?"
gcc nothing.c; exit $?
"""


def play(prefix, folder):
    debian("/usr/bin/gcc", "gcc")
    for name, text in SOURCES.items():
        (folder / name).write_text(text)
    finished = run(*prefix, "/bin/sh", "-c", SCRIPT, "sh", LOOK, folder / "look", folder=folder,
                   environment={"TMPDIR": str(folder), "LC_ALL": "C"})
    temporary = [(r"/cc\w{6}\b", "/TEMPORARY")]
    errors = [line.replace(str(folder), "FOLDER") for line in errors_of(finished)]
    return {"finished": finished, "stdout": finished.stdout,
            "errors": [line for line in errors if "/cc" not in line],
            "left": sorted(path.name for path in folder.iterdir()),
            "wings.o": hashlib.sha256((folder / "wings.o").read_bytes()).hexdigest(),
            "look": portraits(folder / "look", folder, temporary)}


class Compiler(RealTest):
    def setUp(self):
        self.played = self.both_ways("gcc", play)

    def test_makes_the_same_program(self):
        output = self.played.bare["stdout"]
        for line in "bird 2", "together 7", "wrong 1", "incomplete 1":
            self.assertIn(line + "\n", output, f"the bare script: {self.played.bare['finished']}")
        self.assert_same_play(self.played, exit_code=1)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_what_gcc_starts_is_recorded(self):
        names = {lane.name for lane in self.played.report.lanes}
        self.assertLessEqual({"gcc", "cc1", "as", "ld", "collect2"}, names)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Programs that a recorded program runs: all ways to run one, all environments it can get, and all kinds of programs that
cannot be recorded, which run as if we were not there while the trace says why."""

import json
import os
import pathlib
import shutil
import subprocess
import unittest

from harness.report import Dump
from harness.running import BUILD, TICKBIRD, program, run
from harness.story import StoryTest, main

WAYS = ("execve execv execvp execvpe execl execlp execle fexecve fexecve_path execveat vfork signal "
        "posix_spawn posix_spawnp").split()
ENVIRONMENTS = "own", "empty", "cleared", "changed"
LIBRARY = BUILD / "libtickbird.so"

HELLO = '#include <stdio.h>\nint main(void) { puts("hello"); return 3; }\n'
# 32-bit without a libc: exit(3)
EXIT_32 = ".globl _start\n_start: mov $1, %eax\n mov $3, %ebx\n int $0x80\n"
GO = 'package main\nimport (\n"fmt"\n"os"\n)\nfunc main() { fmt.Println("hello"); os.Exit(3) }\n'
CGO = GO.replace("package main\n", 'package main\nimport "C"\n')


class ProgramsRun(StoryTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = cls.folder / "made"
        cls.made.mkdir()

    def record(self, *command, options=(), **how):
        """Runs a command bare and recorded; both behave alike. The lines of ours at the end, and the dump."""
        trace = self.folder / "out.tbt"
        bare = run(*command, **how)
        traced = run(TICKBIRD, "run", "--force", "-o", trace, *options, "--", *command, **how)
        self.assertEqual((traced.exit_code, traced.stdout, self.own_stderr(traced)),
                         (bare.exit_code, bare.stdout, bare.stderr), f"{traced}\nbare: {bare}")
        return traced.stderr[len(self.own_stderr(traced)):], Dump(trace)

    def make(self, name, text, *compiler, suffix=".c", environment=None):
        """Compiles a program; skips the test where this machine cannot."""
        if not shutil.which(compiler[0]):
            self.skipTest(f"{compiler[0]} is missing")
        source, made = self.made / (name + suffix), self.made / name
        source.write_text(text)
        result = subprocess.run([*compiler, "-o", made, source], capture_output=True, text=True, cwd=self.made,
                                env={**os.environ, **(environment or {})})
        if result.returncode:
            self.skipTest(f"{' '.join(compiler)} cannot make {name} here: {result.stderr}")
        return str(made)

    def events(self, dump, name, field):
        """That text of every such event."""
        return [json.loads(event[field]) for event in dump.events(name)]

    # --- ways and environments

    def test_every_way_to_run_a_program_in_every_environment_is_recorded(self):
        runner = program("runner")
        path = {"PATH": f"{pathlib.Path(runner).parent}:{os.environ['PATH']}"}
        script = "\n".join(f"{runner} {way} {which} {runner} leaf {way} {which}" for way in WAYS for which in ENVIRONMENTS)
        _, dump = self.record("/bin/sh", "-c", script, environment=path)
        recorded = [command.split()[-2:] for command in self.events(dump, "process_start", "command") if " leaf " in command
                    and "\n" not in command and len(command.split()) == 4]
        self.assertEqual(sorted(recorded), sorted([way, which] for way in WAYS for which in ENVIRONMENTS))
        self.assertEqual(dump.events("process_unseen"), [])

    def test_what_cannot_be_run_fails_as_without_us(self):
        _, dump = self.record(program("runner"), "errors")
        self.assertEqual(dump.events("process_unseen"), [])

    def test_a_child_of_an_empty_environment_sees_ours_and_nothing_else(self):
        lines = run(TICKBIRD, "run", "-o", self.folder / "empty.tbt", "--quiet", "--", "/usr/bin/env", "-i", "A=1",
                    "/usr/bin/env").stdout.splitlines()
        self.assertEqual([line.split("=")[0] for line in lines], ["A", "LD_PRELOAD", "TICKBIRD_SOCKET"])
        self.assertEqual(lines[1], f"LD_PRELOAD={LIBRARY}")

    def test_libraries_of_the_program_stay_before_ours(self):
        script = "LD_PRELOAD='libm.so.6 libdl.so.2' /usr/bin/env; grep -c libm.so.6 /proc/self/maps >/dev/null && echo not here"
        lines = run(TICKBIRD, "run", "-o", self.folder / "order.tbt", "--quiet", "--", "/bin/sh", "-c",
                    script).stdout.splitlines()
        self.assertIn(f"LD_PRELOAD=libm.so.6 libdl.so.2:{LIBRARY}", lines)

    def test_disabled_child_has_no_library(self):
        lines, dump = self.record("/bin/sh", "-c", "TICKBIRD_DISABLE=1 /bin/sh -c 'echo \"[$LD_PRELOAD]\"; grep -c "
                                  "libtickbird /proc/self/maps'; true")
        self.assert_unseen(lines, dump, "disabled", ["sh"], "TICKBIRD_DISABLE is set")

    # --- what cannot be recorded

    def assert_unseen(self, lines, dump, reason, paths, *words):
        """The trace names each process with the reason, and the user is told once."""
        unseen = [pathlib.Path(event).name for event, why in zip(self.events(dump, "process_unseen", "executable"),
                                                                 self.events(dump, "process_unseen", "reason")) if why == reason]
        self.assertEqual(sorted(unseen), sorted(paths), f"not recorded as {reason}")
        told = [line for line in lines.splitlines() if line.startswith("tickbird: not recorded: ") and paths[0] in line]
        self.assertEqual(len(told), 1, lines)
        for word in words:
            self.assertIn(word, told[0])

    def check_unseen(self, made, reason, *words):
        """As the command itself; and by a shell, in a cleared environment, by other ways, and as a script's interpreter."""
        name = pathlib.Path(made).name
        lines, dump = self.record(made)
        self.assert_unseen(lines, dump, reason, [name], *words)
        script = self.made / f"{name}.script"
        script.write_text(f"#!{made}\n")
        script.chmod(0o755)
        runner = program("runner")
        lines, dump = self.record("/bin/sh", "-c", f"{made}\n/usr/bin/env -i {made}\n{runner} posix_spawn own {made}\n"
                                  f"{runner} vfork empty {made}\n{script}\nexit $?")
        self.assert_unseen(lines, dump, reason, [name] * 4 + [script.name], *words)

    def test_static_program(self):
        self.check_unseen(self.make("alone", HELLO, "gcc", "-static"), "static", "statically linked")

    def test_program_for_musl(self):
        self.check_unseen(self.make("musl", HELLO, "musl-gcc"), "other_loader", "another C library")

    def test_32_bit_program(self):
        self.check_unseen(self.make("narrow", EXIT_32, "gcc", "-m32", "-nostdlib", "-static", suffix=".S"),
                          "other_machine", "64-bit")

    def test_32_bit_program_with_a_loader(self):
        loader = "/lib/ld-linux.so.2"
        if not os.path.exists(loader):
            self.skipTest(f"{loader} is missing (package libc6-i386)")
        self.check_unseen(self.make("narrow_dynamic", EXIT_32, "gcc", "-m32", "-nostdlib", "-pie",
                                    f"-Wl,-dynamic-linker,{loader}", suffix=".S"), "other_machine", "64-bit")

    def test_program_with_an_address_sanitizer(self):
        self.check_unseen(self.make("sanitized", HELLO, "gcc", "-fsanitize=address"), "sanitizer", "-fsanitize")

    def test_program_with_a_sanitizer_linked_in(self):
        self.check_unseen(self.make("sanitized_alone", HELLO, "clang-14", "-fsanitize=memory"), "sanitizer", "-fsanitize")

    def test_go_program(self):
        folder = {"GOCACHE": str(self.made / "cache"), "GO111MODULE": "off"}
        self.check_unseen(self.make("gopher", GO, "go", "build", suffix=".go", environment={**folder, "CGO_ENABLED": "0"}),
                          "go", "runtime/trace")
        self.check_unseen(self.make("cgopher", CGO, "go", "build", suffix=".go", environment={**folder, "CGO_ENABLED": "1"}),
                          "go", "runtime/trace")

    def test_program_that_gains_rights(self):
        if os.geteuid() != 0:
            self.skipTest("not root: a program of another user cannot be made")
        made = self.make("rising", HELLO, "gcc")
        os.chown(made, 65534, 65534)
        os.chmod(made, 0o4755)
        self.check_unseen(made, "privileged", "set-user-id")

    def test_another_root_without_the_library(self):
        if os.geteuid() != 0:
            self.skipTest("not root: no other root can be entered")
        root = self.folder / "root"
        self.fill_root(root)
        for command in "exec chroot {} /bin/sh -c 'echo inside; exit 4'", "chroot {} /bin/sh -c 'echo inside'; exit 4":
            with self.subTest(command):
                lines, dump = self.record("/bin/sh", "-c", command.format(root))
                self.assert_unseen(lines, dump, "no_library", ["sh"], "another root")

    def test_commands_that_libc_runs_in_another_root(self):
        if os.geteuid() != 0:
            self.skipTest("not root: no other root can be entered")
        root = self.folder / "other_root"
        self.fill_root(root)
        self.record(program("rooted"), root)

    def fill_root(self, root):
        """A root with a shell and what it needs."""
        needed = subprocess.run(["ldd", "/bin/sh"], check=True, capture_output=True, text=True).stdout
        for word in ["/bin/sh", *(word for word in needed.split() if word.startswith("/"))]:
            target = root / word[1:]
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(os.path.realpath(word), target)

    # --- switches

    def test_a_hook_that_is_switched_off_passes_its_calls_on(self):
        story = {}
        for switches in "", "clock_nanosleep,nanosleep,usleep,sleep", "slee*,usl*,nano*,clock_*":
            trace = self.folder / "switched.tbt"
            finished = run(TICKBIRD, "run", "--force", "-o", trace, "--quiet", "--", "/bin/sleep", "0.05",
                           environment={"TICKBIRD_DISABLE_HOOKS": switches})
            self.assertEqual(finished.exit_code, 0, finished)
            story[switches] = len(Dump(trace).events("sleep_wait"))
        self.assertEqual(list(story.values()), [1, 0, 0], story)


if __name__ == "__main__":
    main()

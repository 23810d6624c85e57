# SPDX-License-Identifier: Apache-2.0
"""tar with the packers that it starts, and xz with its threads: the same bytes, the same complaints."""

import hashlib
import random
import subprocess

from harness.look import LOOK, look_at, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import Running, run
from harness.story import main

SIZE = 6 << 20  # bytes to pack: several blocks of xz, so that its threads have work

TAR = r"""
set -e
tar --sort=name --mtime=@0 --owner=0 --group=0 -I 'xz -0 -T2 --block-size=1MiB' -cf nest.tar.xz nest
tar -tJf nest.tar.xz
mkdir out; tar -xJf nest.tar.xz -C out; diff -r nest out/nest && echo same
tar -cf - nest | (mkdir piped; cd piped; tar -xf -); diff -r nest piped/nest && echo same
tar -xf nest.tar.xz --to-command="$1 $2 -- cat" nest/hard
tar -c -g list --level=0 -f all.tar nest 2>&1; echo more >>nest/small; tar -c -g list -f more.tar nest; tar -tf more.tar
sha256sum nest.tar.xz | cut -d' ' -f1
head -c 1000 nest.tar.xz >cut.tar.xz
set +e
tar -xJf cut.tar.xz; echo "cut: $?"
tar -xf nothing.tar; exit $?
"""


def content():
    return random.Random(1).randbytes(SIZE // 2) + b"tickbird " * (SIZE // 18)


def play_tar(prefix, folder):
    debian("/usr/bin/tar", "tar"), debian("/usr/bin/xz", "xz-utils")
    nest = folder / "nest"
    nest.mkdir()
    (nest / "big").write_bytes(content())
    (nest / "small").write_text("a few words\n")
    (nest / "link").symlink_to("small")
    (nest / "hard").hardlink_to(nest / "small")
    finished = run(*prefix, "/bin/sh", "-c", TAR, "sh", LOOK, folder / "look", folder=folder)
    return {"finished": finished, "stdout": finished.stdout, "errors": errors_of(finished),
            "look": portraits(folder / "look", folder, [(r"TAR_\wTIME=.*", "TAR_TIME")])}


def play_xz(prefix, folder):
    """xz is looked at while it waits for its input."""
    packed = folder / "packed"
    with open(packed, "wb") as output:
        command = [*prefix, "/bin/sh", "-c", 'exec xz -0 -T2 --block-size=1MiB -c >"$0"', packed]
        with Running(command, stdin=subprocess.PIPE, folder=folder) as running:
            bytes_to_pack = content()
            running.process.stdin.write(bytes_to_pack[:SIZE // 2])
            running.process.stdin.flush()
            look = look_at(running, prefix, folder)
            running.process.stdin.write(bytes_to_pack[SIZE // 2:])
            running.process.stdin.close()
            finished = running.finish()
    tested = run("/usr/bin/xz", "-t", packed)
    return {"finished": finished, "errors": errors_of(finished), "look": look, "tested": tested.exit_code,
            "packed": hashlib.sha256(packed.read_bytes()).hexdigest()}


def play_bad_input(prefix, folder):
    (folder / "bad.xz").write_bytes(b"\xfd7zXZ\0 but no more of it")
    finished = run(*prefix, debian("/usr/bin/xz", "xz-utils"), "-d", "bad.xz", folder=folder)
    return {"finished": finished, "errors": errors_of(finished), "files": sorted(path.name for path in folder.iterdir())}


class Archives(RealTest):
    def check(self, name, play, exit_code=0):
        played = self.both_ways(name, play)
        self.assert_same_play(played, exit_code)
        self.assert_whole_play(played)
        return played

    def test_tar_comes_out_as_without_us(self):
        played = self.check("tar", play_tar, exit_code=2)
        self.assertIn("cut: 2\n", played.bare["stdout"], f"the bare script: {played.bare['finished']}")
        names = {lane.name for lane in played.report.lanes}
        self.assertLessEqual({"tar", "xz", "cat"}, names)

    def test_xz_packs_the_same_bytes(self):
        played = self.check("xz", play_xz)
        self.assertEqual(played.bare["tested"], 0)
        threads = [lane for lane in played.report.lanes if lane.name == "xz"]
        self.assertGreaterEqual(len(threads), 3, f"xz and its two threads\n{played.report}")

    def test_xz_refuses_as_without_us(self):
        self.check("xz-bad", play_bad_input, exit_code=1)


if __name__ == "__main__":
    main()

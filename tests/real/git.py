# SPDX-License-Identifier: Apache-2.0
"""git, which starts itself, hooks, pagers and packers of several threads: the same commits, the same words."""

import re

from harness.look import LOOK, portraits
from harness.real import RealTest, debian, errors_of
from harness.running import run
from harness.story import main

ENVIRONMENT = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
               "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "1000000000 +0000",
               "GIT_COMMITTER_DATE": "1000000000 +0000", "GIT_PAGER": "cat", "GIT_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0"}

SCRIPT = r"""
set -e
look=$1 file=$2
git init -q -b main nest; cd nest
printf '#!/bin/sh\nexec "%s" "%s"\n' "$look" "$file" >.git/hooks/pre-commit; chmod +x .git/hooks/pre-commit
for n in $(seq 60); do mkdir -p "d$((n % 7))"; seq "$n" 400 >"d$((n % 7))/f$n"; done
git add .; git commit -q -m first
rm .git/hooks/pre-commit
for n in 1 2 3; do echo "$n" >>d1/f1; git commit -q -a -m "more $n"; done
git checkout -q -b side HEAD~2; echo other >new; git add new; git commit -q -m side
git checkout -q main; git merge -q --no-edit side
git -c pack.threads=2 repack -q -a -d; git fsck --strict
git clone -q . ../copy; (cd ../copy; git log --oneline --graph; git pull -q)
git -c alias.seen='!"$0" >/dev/null 2>&1; echo "alias $?"' seen
git -c core.pager='tr a-z A-Z' -p log -1 --format=%s
git grep -c 399 -- d1 d2; git blame -s d1/f1 | tail -2; git diff --stat HEAD~3
echo '#!/bin/sh
exit 1' >.git/hooks/pre-push; chmod +x .git/hooks/pre-push
git push -q ../copy main:pushed || echo "push $?"
git rev-parse HEAD HEAD^{tree}
git archive HEAD | sha256sum
set +e
git checkout nothing; echo "checkout $?"
git --no-such-option; exit $?
"""


def play(prefix, folder):
    debian("/usr/bin/git", "git")
    finished = run(*prefix, "/bin/sh", "-c", SCRIPT, "sh", LOOK, folder / "look", folder=folder,
                   environment={**ENVIRONMENT, "HOME": str(folder)})
    return {"finished": finished, "stdout": finished.stdout, "errors": errors_of(finished),
            "look": portraits(folder / "look", folder, [(r"(GIT_EXEC_PATH|environment PATH)=.*", r"\1")])}


class Git(RealTest):
    def setUp(self):
        self.played = self.both_ways("git", play)

    def test_comes_out_as_without_us(self):
        output = self.played.bare["stdout"]
        self.assertTrue(re.search(r"^[0-9a-f]{64}  -\ncheckout 1\n\Z", output, re.MULTILINE), f"the bare script: {output}")
        self.assert_same_play(self.played, exit_code=129)

    def test_trace_is_whole(self):
        self.assert_whole_play(self.played)

    def test_what_git_starts_is_recorded(self):
        commands = " ".join(start["command"] for start in self.played.dump.events("process_start"))
        for command in "git init", "pack-objects", "look", "tr a-z A-Z", "upload-pack":
            self.assertIn(command, commands)


if __name__ == "__main__":
    main()

# SPDX-License-Identifier: Apache-2.0
"""Programs of Debian under the stack oracle: the walk is right at every instruction.

usage: oracle.py [--short] [NAME...]

--short is what ctest runs: 5 programs, 200,000 instructions each. Without it: all of them, 2 million each, and JavaScript
in node, 1.5 million."""
import argparse
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

BUILD = pathlib.Path(os.environ.get("TICKBIRD_BUILD", pathlib.Path(__file__).parents[2] / "build")).resolve()
ORACLE = BUILD / "tests" / "oracle" / "liboracle.so"
SHORT_STEPS, STEPS = 200_000, 2_000_000
JAVASCRIPT_EXACT = 0.9995
PATIENCE_S = 3600

SQL = ("create table t(a, b); with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) "
       "insert into t select i, hex(i * 7) from n; create index x on t(b); select count(*) from t where b like '%4%';"
       "select a, group_concat(b) from t group by a % 7 order by 2 limit 3;")
PYTHON = ("import json, re, random, collections\nfor i in range(400):\n"
          " d = {str(k): [k, {'v': random.random()}] for k in range(60)}\n"
          " assert json.loads(json.dumps(d)) == d\n re.findall(r'(\\d+)\\.(\\d+)', json.dumps(d))\n"
          " try: int('x')\n except ValueError: pass\n sorted(d, key=lambda k: (len(k), k))")
PERL = ("my %h; for my $i (1..40000) { $h{$i % 977} .= sprintf('%05d', $i); } my @l = sort { $h{$a} cmp $h{$b} } keys %h;"
        "my $n = 0; for (@l) { $n++ if $h{$_} =~ /(\\d)\\1\\d*7$/ } eval { die 'x' }; print \"$n\\n\";")
BASH = ("f() { local n=$1; if ((n)); then f $((n - 1)); else echo \"${x//a/b}\" >/dev/null; fi; }; trap : USR1; "
        "for i in {1..200}; do x=aXa$i; f 6; [[ $x =~ ^a.*([0-9])$ ]] || exit 1; declare -a l=({1..40}); "
        "if ((i % 25 == 2)); then y=$(echo $x | tr a b); kill -USR1 $$; fi; done")
JAVASCRIPT = ("const fs = require('fs'); class P { constructor(x) { this.x = x; } get y() { return this.x * 2; } }\n"
              "function work(n) { const m = new Map(); for (let i = 0; i < n; i++) { m.set('k' + (i % 97), new P(i));\n"
              " if (i % 5 == 0) [...m.values()].map(p => p.y).filter(y => y % 3).sort((a, b) => a - b);\n"
              " try { if (i % 50 == 0) throw new Error('x'); } catch (e) { m.delete('k3'); } }\n"
              " return JSON.stringify([...m.keys()]).replace(/k(\\d)/g, '$1').length; }\n"
              "for (let i = 0; i < 300; i++) work(100);\n"
              "try { fs.writeSync(7777, 'x'); } catch (e) {}\nfor (let i = 0; i < 3000; i++) work(100);\n")


def sqlite3(folder):
    return ["sqlite3", ":memory:", SQL], {}


def python3(folder):
    return ["/usr/bin/python3", "-c", PYTHON], {}


def perl(folder):
    return ["perl", "-e", PERL], {}


def bash(folder):
    return ["bash", "-c", BASH], {}


def openssl(folder):
    (folder / "bytes").write_bytes(os.urandom(1 << 20))
    return ["openssl", "dgst", "-sha512", folder / "bytes"], {}


def git(folder):
    here = ["git", "-C", folder, "-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "core.pager=cat"]
    subprocess.run([*here, "init", "-q"], check=True)
    for i in range(3):
        for name in range(20):
            (folder / f"file{name}").write_text("\n".join(f"{j * (i + 1) % 97} line {j}" for j in range(400)))
        subprocess.run([*here, "add", "."], check=True)
        subprocess.run([*here, "commit", "-qm", f"change {i}"], check=True)
    return [*here, "log", "-p", "--stat"], {}


def gdb(folder):
    return ["gdb", "-nx", "-batch", "-ex", "shell true", "-ex", "info functions main", "-ex", "disassemble main",
            "/usr/bin/env"], {}


def postgres(folder):
    binaries = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"))
    if not binaries:
        return ["postgres is not installed"], {}
    as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    folder.chmod(0o777)
    data = folder / "data"
    subprocess.run([*as_user, binaries[-1] / "initdb", "-D", data, "-A", "trust", "--no-sync"], check=True,
                   stdout=subprocess.DEVNULL)
    sql = folder / "sql"
    sql.write_text("create table t as select i, md5(i::text) as h from generate_series(1, 3000) i;\n"
                   "select count(*), max(h) from t a join t b using (i) where a.h like '%a%';\n" * 3)
    return [*as_user, "env", "LD_PRELOAD=" + str(ORACLE), binaries[-1] / "postgres", "--single", "-D", data, "postgres"], \
        {"stdin": sql.open(), "is_wrapped": bool(as_user)}


def nginx(folder):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (folder / "page").write_text("x" * 3000)
    (folder / "conf").write_text(f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/log;\n"
                                 "events {}\nhttp { access_log off; client_body_temp_path " + f"{folder}/b; "
                                 f"proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; "
                                 f"scgi_temp_path {folder}/s; gzip on;\nserver {{ listen 127.0.0.1:{port}; root {folder}; "
                                 "} }\n")
    return ["nginx", "-c", folder / "conf", "-p", folder], {"port": port}


def node(folder):
    return ["node", "-e", JAVASCRIPT], {"start": "write", "exact": JAVASCRIPT_EXACT}


SHORT = [sqlite3, python3, perl, bash, git]
ALL = [*SHORT, openssl, nginx, postgres, gdb, node]


def ask(port):
    """A request, while the server is there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            connection.sendall(b"GET /page HTTP/1.1\r\nHost: a\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n")
            while connection.recv(1 << 16):
                pass
    except OSError:
        time.sleep(0.02)


def outcome(program, steps):
    """What the report says: name → number, and its lines about wrong places; None when there is none."""
    with tempfile.TemporaryDirectory(prefix="tickbird-oracle.") as name:
        folder = pathlib.Path(name)
        command, details = program(folder)
        if not shutil.which(str(command[0])):
            return None, [f"{command[0]} is not there"]
        report = folder / "report"
        environment = {**os.environ, "ORACLE_STEPS": str(steps), "ORACLE_REPORT": str(report)}
        if not details.get("is_wrapped"):
            environment["LD_PRELOAD"] = str(ORACLE)
        if "start" in details:
            environment["ORACLE_START"] = details["start"]
        running = subprocess.Popen([str(word) for word in command], env=environment, stdin=details.get("stdin", subprocess.DEVNULL),
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=folder)
        until = time.monotonic() + PATIENCE_S
        if "port" in details:
            while running.poll() is None and not report.exists() and time.monotonic() < until:
                ask(details["port"])
            running.terminate()
        errors = running.communicate(timeout=PATIENCE_S)[1]
        if not report.exists():
            return {}, [f"no report; exit code {running.returncode}", errors.decode(errors="replace")[-500:]]
        lines = report.read_text().splitlines()
        counts = dict(line.split() for line in lines if not line.startswith("at "))
        return {name: int(value) for name, value in counts.items()}, [line for line in lines if line.startswith("at ")]


def judge(program, steps):
    """Prints the outcome; whether it is good, None when the program is not there."""
    counts, lines = outcome(program, steps)
    if counts is None:
        print(f"{program.__name__}: not run: {lines[0]}", flush=True)
        return None
    total = counts.get("steps", 0)
    least = JAVASCRIPT_EXACT if program is node else 1
    right = total - counts.get("wrong", total)
    is_good = total > 0 and right >= least * total and total >= min(steps, 100_000)
    print(f"{program.__name__}: {total} instructions, {counts.get('wrong')} wrong, {counts.get('in_exceptions')} in the "
          f"delivery of exceptions, {counts.get('deep')} too deep, {counts.get('not_whole')} not whole"
          f"{'' if is_good else ': TOO MANY'}", flush=True)
    for line in lines[:12]:
        print(f"    {line}", flush=True)
    return is_good


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--steps", type=int)
    parser.add_argument("names", nargs="*", choices=[[], *(program.__name__ for program in ALL)])
    given = parser.parse_args()
    steps = given.steps or (SHORT_STEPS if given.short else STEPS)
    programs = [program for program in (SHORT if given.short else ALL) if not given.names or program.__name__ in given.names]
    verdicts = [judge(program, steps) for program in programs]
    if all(verdict is None for verdict in verdicts):
        return 77
    return 1 if False in verdicts else 0


if __name__ == "__main__":
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""libtickbird.so needs libc alone, of a version that is old enough, binds at once, is never unloaded, and keeps what a
thread has of it in a small initial-exec block, which the loader can always place."""
import os
import re

import rule

NEEDED = {"libc.so.6"}
GLIBC_MOST = (2, 35)
TLS_MOST = 256  # bytes


def problems(dynamic, segments, symbols):
    """outputs of readelf -dW, readelf -lW, nm -D"""
    needed = set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))
    found = rule.compare(needed, NEEDED, "needed library", "tests/tree/needed.py")
    flags = " ".join(re.findall(r"\(FLAGS(?:_1)?\)(.*)", dynamic))
    for flag, what in (("BIND_NOW", "binds late: link with -z now"), ("NODELETE", "can be unloaded: link with -z nodelete")):
        if flag not in flags:
            found.append(what)
    if "TEXTREL" in dynamic:
        found.append("its code is relocated: something is not position independent")
    tls = re.search(r"^\s*TLS\s+\S+\s+\S+\s+\S+\s+\S+\s+(0x[0-9a-f]+)", segments, re.M)
    if tls and int(tls[1], 16) > TLS_MOST:
        found.append(f"a thread has {int(tls[1], 16)} bytes of TLS; {TLS_MOST} are allowed")
    if tls and ("STATIC_TLS" not in flags or "__tls_get_addr" in symbols):
        found.append("its TLS is not initial-exec")
    if re.search(r"GNU_STACK.*\bRWE\b", segments):
        found.append("it asks for an executable stack")
    for version in set(re.findall(r"@GLIBC_(\d+)\.(\d+)", symbols)):
        if tuple(map(int, version)) > GLIBC_MOST:
            found.append(f"it needs glibc {'.'.join(version)}")
    return found


def check():
    library = os.environ["TB_LIBRARY"]
    return problems(rule.output("readelf", "-dW", library), rule.output("readelf", "-lW", library),
                    rule.output("nm", "-D", library))


DYNAMIC = """ 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
 0x000000000000001e (FLAGS)              BIND_NOW STATIC_TLS
 0x000000006ffffffb (FLAGS_1)            Flags: NOW NODELETE
"""
SEGMENTS = """  TLS            0x002de8 0x0000000000003de8 0x0000000000003de8 0x000000 0x000100 R   0x40
  GNU_STACK      0x000000 0x0000000000000000 0x0000000000000000 0x000000 0x000000 RW  0x10
"""
SYMBOLS = "                 U memcpy@GLIBC_2.14\n"
BREAKS = {
    "another library is needed":
        problems(DYNAMIC + " 0x01 (NEEDED)  Shared library: [libm.so.6]\n", SEGMENTS, SYMBOLS),
    "it binds late": problems(DYNAMIC.replace("BIND_NOW ", ""), SEGMENTS, SYMBOLS),
    "it can be unloaded": problems(DYNAMIC.replace(" NODELETE", ""), SEGMENTS, SYMBOLS),
    "its TLS grows": problems(DYNAMIC, SEGMENTS.replace("0x000100", "0x000101"), SYMBOLS),
    "its TLS is dynamic": problems(DYNAMIC, SEGMENTS, SYMBOLS + " U __tls_get_addr@GLIBC_2.3\n"),
    "its stack is executable": problems(DYNAMIC, SEGMENTS.replace("RW ", "RWE"), SYMBOLS),
    "it needs a newer glibc": problems(DYNAMIC, SEGMENTS, SYMBOLS + " U strlcpy@GLIBC_2.38\n"),
}

if __name__ == "__main__":
    assert not problems(DYNAMIC, SEGMENTS, SYMBOLS)
    rule.run(check, BREAKS)

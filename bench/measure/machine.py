# SPDX-License-Identifier: Apache-2.0
"""What the figures were taken on."""
import os
import pathlib
import platform
import re


def cpus():
    return sorted(os.sched_getaffinity(0))


def first_of(pattern, path, otherwise):
    try:
        found = re.search(pattern, pathlib.Path(path).read_text(), re.M)
    except OSError:
        return otherwise
    return found[1] if found else otherwise


def facts():
    model = first_of(r"^model name\s*: (.*)", "/proc/cpuinfo", platform.machine())
    flags = first_of(r"^flags\s*: (.*)", "/proc/cpuinfo", "")
    virtual = "virtual machine, " if "hypervisor" in flags.split() else ""
    clock = first_of(r"(\S+)", "/sys/devices/system/clocksource/clocksource0/current_clocksource", "?")
    system = first_of(r'^PRETTY_NAME="(.*)"', "/etc/os-release", "?")
    return (f"{virtual}{model}, {len(cpus())} CPUs, {system}, Linux {platform.release()}, clock {clock}, "
            f"load average {os.getloadavg()[0]:.1f}")

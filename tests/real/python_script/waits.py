# SPDX-License-Identifier: Apache-2.0
"""Waits in the ways of python's standard library, each in a thread of its own, which measures itself; prints nothing that
varies. Arguments: where the measured times go, and a command to start."""

import json
import os
import queue
import select
import socket
import subprocess
import sys
import threading
import time

times = {}


def measured(name, wait):
    """Runs wait() in a thread of this name and keeps what the thread knows of it."""
    def body():
        wall, cpu = time.monotonic_ns(), time.thread_time_ns()
        result = wait()
        wall, used = time.monotonic_ns() - wall, time.thread_time_ns() - cpu
        # A virtual CPU takes its time to wake up: a thousandth.
        times[name] = {"tid": threading.get_native_id(), "off_ns": int((wall - used) * 0.999) - 200_000,
                       "thread_cpu_ns": time.thread_time_ns(), "result": str(result)}
    thread = threading.Thread(target=body, name=name)
    thread.start()
    return thread


def on_lock():
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.25, lock.release).start()
    return lock.acquire()


def on_socket():
    near, far = socket.socketpair()
    threading.Timer(0.25, far.send, [b"word"]).start()
    return near.recv(16)


def on_tcp():
    with socket.create_server(("127.0.0.1", 0)) as server:
        client = threading.Thread(target=lambda: socket.create_connection(server.getsockname()).sendall(b"hello"))
        client.start()
        peer, _ = server.accept()
        client.join()
        return peer.recv(16)


def on_select():
    reader, writer = os.pipe()
    threading.Timer(0.25, os.write, [writer, b"x"]).start()
    return bool(select.select([reader], [], [])[0])


def on_pipe():
    reader, writer = os.pipe()
    threading.Timer(0.25, os.write, [writer, b"word"]).start()
    return os.read(reader, 16)


def on_child():
    child = subprocess.Popen(["/bin/sh", "-c", "sleep .25; exit 3"])
    return child.wait()


def on_output():
    return subprocess.run(["/bin/sh", "-c", "sleep .1; echo out; echo err >&2"], capture_output=True, check=True).stdout


def on_queue():
    tasks = queue.Queue()
    threading.Timer(0.2, tasks.put, ["task"]).start()
    return tasks.get()


threads = [measured(name, wait) for name, wait in (
    ("sleep", lambda: time.sleep(0.3)), ("lock", on_lock), ("socket", on_socket), ("select", on_select), ("pipe", on_pipe),
    ("child", on_child), ("output", on_output), ("queue", on_queue), ("tcp", on_tcp))]
for thread in threads:
    thread.join()
for name in sorted(times):
    print(name, times[name].pop("result"))
with open(sys.argv[1], "w", encoding="utf-8") as file:
    json.dump(times, file)
subprocess.run(sys.argv[2:], check=True)
print("end")

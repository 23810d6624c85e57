/* SPDX-License-Identifier: Apache-2.0 */
/* real.h — the functions behind the hooks: real_read is libc's read, or that of the next library that has one.
 *
 * Each pointer finds its function at the first call, so a hook may be called before anything of ours has run.
 * hooks_resolve finds all of them at once, at load: later the loader's lock might be held by the thread that asks.
 * Threads:  any. A pointer is written once with one value.
 */
#pragma once
#include <iconv.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define REAL(name, result, parameters, ...)                                                                  \
	extern result(*real_##name) parameters __attribute__((visibility("hidden")));
#define TIMED      REAL
#define DESCRIPTOR REAL
#define POLL       REAL
#define EPOLL      REAL
#define WRITTEN    REAL
#include "runtime/hooks/table.h"
#undef REAL

void hooks_resolve(void);

/* Whether every function that the table says is a bare system call is libc's own, with no other library in front. */
bool hooks_are_libcs(void);

/* SPDX-License-Identifier: Apache-2.0 */
/* listener.h — answers the hellos of processes, on a thread of its own: a process waits HELLO_WAIT_US at most, and
 * draining must not make it wait.
 *
 * Words:    a newcomer is a process that got its arena. What can be read about it only while it lives (its mappings,
 *           its program) is read before it gets its welcome, while it stands still.
 * Full:     when descriptors or memory are short a process is sent away at once and counted; it runs unrecorded.
 * Threads:  open, take and close by one thread, the answering by the listener's own.
 * Hostile:  only processes of the user who runs the agent are answered, and, when that is root, children of the
 *           recorded program that became another user; by SO_PEERCRED: user and pid are the kernel's word.
 */
#pragma once
#include "agent/newcomer.h"

struct listener;

/* Begins to listen under a name of its own. NULL with an error. */
struct listener *listener_open(const struct arena_terms *terms, struct error *out_error);

/* What TICKBIRD_SOCKET has to say. Lives as long as the listener. */
const char *listener_name(const struct listener *listener);

/* An eventfd that is readable when there are newcomers or notices, or some were sent away. */
int listener_fd(const struct listener *listener);

/* All newcomers and notices so far, in the order in which they came; the caller owns them. NULL when there is none. */
struct newcomer *listener_take(struct listener *listener);

/* How many processes were sent away since the last call, because descriptors or memory were short or they speak another
 * version. */
uint64_t listener_take_refused(struct listener *listener);

/* From now on arenas carry this clock. */
void listener_set_clock(struct listener *listener, enum trace_clock clock);

/* Stops answering. Who has spoken until now is heard: newcomers and notices can still be taken. */
void listener_stop(struct listener *listener);

/* Stops, and frees what was not taken. */
void listener_close(struct listener *listener);

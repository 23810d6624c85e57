/* SPDX-License-Identifier: Apache-2.0 */
/* newcomer.h — a process that has just said hello, with what can be read about it only while it lives; or that has said
 * that somebody will not. */
#pragma once
#include <stdbool.h>
#include "agent/arena_supply.h"
#include "agent/thread_counts.h"
#include "record/hello.h"

struct newcomer {
	struct newcomer *next;
	struct shared_arena shared;
	uint32_t pid;
	int pidfd;            /* -1 on kernels before 5.3 */
	uint32_t forked_from; /* pid of a recorded parent whose program and mappings it has; 0 none */
	struct trace_moment start;
	char name[THREAD_NAME_SIZE]; /* of its main thread */
	struct thread_counts counts; /* of its main thread, then */
	/* NULL when forked_from is set, or they could not be read */
	char *mappings;   /* text of /proc/PID/maps */
	char *executable; /* path */
	char *command;    /* text of /proc/PID/cmdline: words ended by zeros */
	size_t command_size;

	/* of a notice (hello.h), which comes without an arena and a pidfd */
	bool is_notice;
	uint32_t child;       /* the process that it is about; 0 the one that sent it */
	uint32_t notice_kind; /* enum program_kind */
};

/* Reads what the process is, but for the program of one that was forked: that is its parent's. The process must be
 * waiting for its welcome. NULL when no descriptor of it is to be had. */
struct newcomer *newcomer_create(uint32_t pid, const struct hello *hello, struct error *out_error);

/* For a notice; its path becomes the executable. NULL when it cannot be one. */
struct newcomer *newcomer_of_notice(uint32_t pid, const struct unseen_notice *notice);

/* Reads mappings, executable and command line. */
void newcomer_read_program(struct newcomer *newcomer);

void newcomer_destroy(struct newcomer *newcomer); /* without its arena and pidfd */

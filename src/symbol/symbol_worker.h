/* SPDX-License-Identifier: Apache-2.0 */
/* symbol_worker.h — the process that reads the files with code, so that a broken one ends it and nothing else.
 *
 * Limits:   ANSWER_SECONDS_MAX for an answer, MEMORY_MAX for everything; it dies of going beyond either.
 * Process:  it keeps no descriptor of its parent but stdin, stdout and stderr, writes no core, is deaf to the signals of
 *           a terminal, and ends when the other side of its socket does.
 */
#pragma once
#include <sys/types.h>

enum { ANSWER_SECONDS_MAX = 30 };
#define MEMORY_MAX (8ull << 30) /* bytes */

/* Starts it; -1 when that fails, with errno set. */
pid_t symbol_worker_start(int *out_socket);

/* SPDX-License-Identifier: Apache-2.0 */
/* go_account.h — a Go trace into the ledger: where every goroutine's time went.
 *
 * Words:    the same as for threads: a goroutine is a lane, those with the same start function are a group; a wait has the stack at
 *           which it began, and a waker. A call is a system call: time in it is `call` while the goroutine keeps the processor it
 *           ran on, and waiting for `syscall` from when that was taken away.
 * Promise:  a goroutine that was there before the trace is taken to have been since its start in the state that it is first told
 *           to be in. Behind a place where the trace is broken its time is unknown until it is told of again.
 * Memory:   what go/reader.h, go/places.h and ledger.h say; a working state of 64 bytes for each goroutine that lives.
 */
#pragma once
#include "trace/model/ledger.h"
#include "trace/read/go/places.h"
#include "trace/read/go/reader.h"
#include <stdbool.h>

/* Whether a goroutine is asked for: by id, or by the name of its function (NULL: not known yet). */
typedef bool (*go_asked)(const void *state, uint64_t id, const char *function);

struct go_account;

/* Opens the trace, adds its process to the survey, and reads as far as its first moment. stream and survey are borrowed.
 * number: tells this trace from others in the survey. */
struct go_account *go_account_open(struct byte_stream *stream, struct survey *survey, unsigned number,
				   const struct go_limits *limits, bool is_strict, struct error *out_error);
void go_account_close(struct go_account *account);

uint64_t go_account_start(const struct go_account *account); /* CLOCK_MONOTONIC, ns */

/* Reads to the end. Waits of goroutines that are not asked for are left out; asked NULL: all are. -1 with an error. */
int go_account_read(struct go_account *account, struct ledger *ledger, go_asked asked,
		    const void *asked_state, struct error *out_error);

struct go_condition go_account_condition(const struct go_account *account);
unsigned go_account_version(const struct go_account *account);
/* Names or stacks that went beyond a limit. */
uint64_t go_account_refused(const struct go_account *account);

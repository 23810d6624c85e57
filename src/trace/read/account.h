/* SPDX-License-Identifier: Apache-2.0 */
/* account.h — the second reading of a trace: where every thread's time went.
 *
 * Words:    the ledger gets a lane and a group for each thread of the survey, with the same indices.
 * Promise:  for every lane, inside the reported part: running + runnable + throttled + unknown + the blocked time of its
 *           sites = its span, to the nanosecond (account_lane_sum).
 * Horizon:  ranges are held for HORIZON_BLOCKS blocks of the file, edges for EDGE_BLOCKS, so that a wait meets the edge that
 *           ended it in whichever order their threads were drained.
 * Memory:   grows with threads and sites (their headers say how much), and with the events of the horizon; not with the file.
 */
#pragma once
#include "trace/model/ledger.h"
#include "trace/model/thread_time.h"
#include "trace/read/survey.h"

enum { HORIZON_BLOCKS = 2, EDGE_BLOCKS = 8 };

struct account {
	struct survey *survey;
	struct wait_shapes shapes;
	struct ledger *ledger;
	struct thread_time *threads;
	size_t thread_count;
	struct wake_edges edges;
	struct thread_world world;
	uint64_t block; /* of the file, being read */
};

/* schema: the file's. The survey must be settled; it and the ledger, which is empty, outlive the account. */
void account_init(struct account *account, struct survey *survey, const struct event_schema *schema,
		  struct ledger *ledger);
void account_fini(struct account *account);

/* Takes one event; for those who make events themselves. */
void account_event(struct account *account, const struct event *event, const struct trace_slice *slice);

/* Spends what is left and enters it into the ledger; call once behind the last event. */
void account_finish(struct account *account);

/* Reads the whole trace from a new reader and finishes. Returns -1 with an error when the source fails. */
int account_read(struct account *account, struct trace_reader *reader, struct error *out_error);

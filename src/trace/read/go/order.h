/* SPDX-License-Identifier: Apache-2.0 */
/* order.h — may this event come next, and what does it change: the rules that put the events of many threads into one order.
 *
 * Each thread's events stand in the order in which it wrote them; between threads clocks decide only as far as nothing else does. An
 * event may come next when what it is about is in the state that it starts from, and its sequence number is the next. The rules are
 * those of Go's own reader (internal/trace/order.go), one row each of the table in order_rules.c.
 *
 * Words:    to advance is to take an event; it then has one to three events as its outcome (a coroutine switch is an unblock, a
 *           block and a start).
 * Promise:  times of what comes out grow strictly, as in Go's reader.
 * Lenient:  a region that ends out of turn, and ids of strings and stacks that are not there, are forgiven and counted.
 */
#pragma once
#include "base/error.h"
#include "trace/read/go/generation.h"
#include "trace/read/go/scheduler.h"
#include "trace/read/go/texts.h"
#include <stdbool.h>

/* An event as it stands in the file. */
struct go_raw_event {
	uint64_t time_ns;
	uint64_t arguments[GO_ARGUMENTS_MAX];
	uint8_t type; /* enum go_event_number */
};

/* What comes out that is no event of the wire: the beginning of a generation, or the end; and a place where something is lost. */
enum { GO_EVENT_SYNC = 0, GO_EVENT_LOST = 127 };

/* An event in order. */
struct go_event {
	uint64_t time_ns;
	const uint64_t *arguments; /* valid until the next event */
	uint64_t m, p, g;          /* who did it, before it was done; GO_NONE */
	uint32_t actor;            /* slot of g; ID_MAP_NONE */
	uint32_t subject;          /* slot of the goroutine whose state it changes; ID_MAP_NONE */
	uint32_t processor;        /* slot of the processor whose state it changes; ID_MAP_NONE */
	uint8_t type;              /* enum go_event_number */
	uint8_t from,
		to; /* of the subject: enum go_goroutine_status, 0: not there, or not known yet (is_news) */
	uint8_t p_from, p_to; /* of the processor: enum go_processor_status; 0: not known */
	bool is_news;         /* the subject was there before this first word of it */
	uint32_t text;        /* name of a task or region that begins or ends */
	uint64_t begun_ns;    /* when the task or region that ends began; 0 not seen */
	uint64_t parent;      /* of a task */
	uint64_t span_id;     /* of a task that ends: as its log told; 0 none */
};

/* The key of the log with which dd-trace-go tells which span a task is; the value is 8 bytes, little-endian. */
#define GO_SPAN_KEY "datadog.uint64_span_id"

enum { GO_OUTCOME_MAX = 3 };

struct go_order {
	struct go_scheduler scheduler;
	struct go_texts *texts;
	const struct go_generation *generation;
	bool is_strict;
	uint64_t last_ns;

	struct go_event outcome[GO_OUTCOME_MAX];
	size_t outcome_count;
	uint32_t leaving; /* slot of the goroutine that ends with the outcome; ID_MAP_NONE */

	uint32_t span_key; /* text of GO_SPAN_KEY */
	uint64_t mismatched_regions;
	struct error mismatch; /* the first one */
	struct error error;    /* of GO_BROKEN */
};

enum go_step {
	GO_DONE,   /* the outcome is there */
	GO_WAIT,   /* not yet: others first */
	GO_BROKEN, /* it can never come: `error` says why */
};

/* limits, texts: borrowed. */
void go_order_init(struct go_order *order, const struct go_limits *limits, struct go_texts *texts,
		   bool is_strict);
void go_order_fini(struct go_order *order);

/* From now on events are of this generation. */
void go_order_enter(struct go_order *order, const struct go_generation *generation);

/* m: whose event it is; *thread: its slot, noted between calls, ID_MAP_NONE at first. */
enum go_step go_order_advance(struct go_order *order, uint64_t m, uint32_t *thread,
			      const struct go_raw_event *raw);

/* Call when the outcome was read: lets go of a goroutine that ended. */
static inline void go_order_release(struct go_order *order)
{
	if (order->leaving == ID_MAP_NONE)
		return;
	go_scheduler_remove_goroutine(&order->scheduler, order->leaving);
	order->leaving = ID_MAP_NONE;
}

/* The next time: at least `time_ns`, and later than the last. */
static inline uint64_t go_order_tick(struct go_order *order, uint64_t time_ns)
{
	order->last_ns = time_ns > order->last_ns ? time_ns : order->last_ns + 1;
	return order->last_ns;
}

/* Number of the text that a string id means in this generation; of the empty one when there is no such id. */
uint32_t go_order_text(struct go_order *order, uint64_t string_id);

/* SPDX-License-Identifier: Apache-2.0 */
#include "trace/read/go/scan.h"
#include "base/memory.h"
#include "trace/read/go/head.h"
#include "trace/read/go/varint.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum { WORD = 8 };

/* How many numbers follow an event's type, the time among them; 0: no timed event. */
struct number_counts {
	uint8_t of[GO_EVENT_NUMBERS];
};

struct lane {
	const uint8_t *at, *end;
};

static struct number_counts count_numbers(void)
{
	struct number_counts counts = {0};
	for (int i = 0; i < GO_EVENT_NUMBERS; i++)
		if (go_event_types[i].is_timed)
			counts.of[i] = (uint8_t)(go_event_types[i].argument_count + 1);
	return counts;
}

/* One event near the end of a batch, or a long one. -1 when it cannot be read. */
static int step_carefully(struct go_scan *scan, const struct number_counts *counts, struct lane *lane)
{
	const uint8_t *start = lane->at, *at = start + 1;
	uint8_t type = *start;
	uint64_t ignored;
	if (!counts->of[type])
		return -1;
	for (unsigned i = 0; i < counts->of[type]; i++) {
		at = go_varint(at, lane->end, &ignored);
		if (!at)
			return -1;
	}
	scan->counts[type]++;
	scan->bytes[type] += (uint64_t)(at - start);
	lane->at = at;
	return 0;
}

/* One event whose numbers end within the next eight bytes; false when they do not, and nothing is done.
 * A number ends at a byte without its highest bit: the event ends at the n-th of those. */
static inline bool step(struct go_scan *scan, const struct number_counts *counts, struct lane *lane)
{
	uint64_t word;
	uint8_t type = *lane->at;
	memcpy(&word, lane->at + 1, WORD);
	uint64_t ends = ~le64toh(word) & UINT64_C(0x8080808080808080);
	unsigned count = counts->of[type];
	for (unsigned i = 1; i < count; i++)
		ends &= ends - 1;
	if (!ends || !count)
		return false;
	unsigned size = (unsigned)__builtin_ctzll(ends) / 8 + 2;
	scan->counts[type]++;
	scan->bytes[type] += size;
	lane->at += size;
	return true;
}

static inline bool has_room(const struct lane *lane)
{
	return lane->end - lane->at > WORD;
}

static int finish(struct go_scan *scan, const struct number_counts *counts, struct lane *lane)
{
	while (lane->at < lane->end)
		if (!(has_room(lane) && step(scan, counts, lane)) && step_carefully(scan, counts, lane))
			return -1;
	return 0;
}

static void scan_two(struct go_scan *scan, const struct number_counts *counts, struct lane one,
		     struct lane two)
{
	while (has_room(&one) && has_room(&two)) {
		bool is_one = step(scan, counts, &one), is_two = step(scan, counts, &two);
		if ((!is_one && step_carefully(scan, counts, &one)) ||
		    (!is_two && step_carefully(scan, counts, &two)))
			break;
	}
	scan->malformed += finish(scan, counts, &one) != 0;
	scan->malformed += finish(scan, counts, &two) != 0;
}

static void count_batch(struct go_scan *scan, const struct go_batch *batch, size_t size)
{
	uint8_t kind = batch->is_end_mark                                        ? GO_END_OF_GENERATION
		       : batch->experiment                                       ? GO_EXPERIMENTAL_BATCH
		       : batch->size && !go_event_types[batch->body[0]].is_timed ? batch->body[0]
										 : GO_EVENT_BATCH;
	scan->batches[kind]++;
	scan->bytes[kind] += kind == GO_EVENT_BATCH ? size - batch->size : size;
}

int go_scan_read(struct byte_stream *stream, struct go_scan *out_scan, struct error *out_error)
{
	unsigned version;
	if (go_head_read(stream, &version, out_error))
		return -1;
	const struct number_counts counts = count_numbers();
	struct go_scan *scan = memory_allocate(sizeof *scan);
	uint8_t *kept = memory_resize(NULL, GO_BATCH_SIZE_MAX, 1);
	struct lane waiting = {0};
	struct go_batch batch;
	struct error error;
	size_t size;
	int result;
	while ((result = go_batch_look(stream, &batch, &size, &error)) > 0) {
		count_batch(scan, &batch, size);
		if (!batch.is_end_mark && go_batch_kind(&batch, version) == GO_BATCH_EVENTS && batch.size) {
			if (waiting.at) {
				scan_two(scan, &counts, waiting,
					 (struct lane){batch.body, batch.body + batch.size});
				waiting.at = NULL;
			} else {
				memcpy(kept, batch.body, batch.size);
				waiting = (struct lane){kept, kept + batch.size};
			}
		}
		byte_stream_take(stream, size);
	}
	if (waiting.at)
		scan->malformed += finish(scan, &counts, &waiting) != 0;
	if (result < 0) {
		scan->is_cut = true;
		scan->cut_at = byte_stream_position(stream);
	}
	*out_scan = *scan;
	free(scan);
	free(kept);
	return 0;
}

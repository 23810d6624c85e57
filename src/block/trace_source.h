/* SPDX-License-Identifier: Apache-2.0 */
/* trace_source.h — the bytes that a trace is read from, and how they were found to be.
 *
 * Words:  a block is damaged when it is left out, whole or from some event on, because a checksum is wrong or
 *         its content malformed.
 */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads at most `size` bytes at `offset`; returns how many (fewer only at the end), or -1 with errno set. */
struct trace_source {
	int64_t (*read_at)(void *context, uint64_t offset, void *buffer, size_t size);
	void *context;
	uint64_t size; /* bytes of the whole */
};

/* A source over a file descriptor that the caller keeps open and in place. */
struct trace_source trace_source_file(const int *fd, uint64_t size);

/* A source over bytes that the caller keeps in place. */
struct trace_bytes {
	const void *bytes;
	size_t size;
};
struct trace_source trace_source_bytes(const struct trace_bytes *bytes);

/* Exact once the last event was read. */
struct trace_condition {
	bool is_cut;          /* it has no end mark: the recording was stopped hard, or the file truncated */
	uint64_t cut_at;      /* bytes up to the end of the last whole block, when is_cut */
	uint64_t blocks_read; /* blocks of events that were read whole */
	uint64_t blocks_damaged;  /* damaged places; unreadable blocks that follow each other may count as one
				   */
	uint64_t first_damage_at; /* byte offset of the first of them */
};

/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a trace: read to the end, index and all.
 *
 * No mutation gets past a checksum, so the input is tried a second time with the checksums of its blocks set
 * right. */
#include "block/block.h"
#include "block/trace_reader.h"
#include "fuzz.h"
#include <endian.h>
#include <stdlib.h>
#include <string.h>

enum {
	HEAD_SIZE = 16,
	AT_VERSION = 4,
	AT_STORED_SIZE = 8,
	AT_PAYLOAD_CHECKSUM = 16,
	AT_OFFSET = 24,
	AT_CHECKSUM = 56
};

static uint64_t read_all(const uint8_t *bytes, size_t size)
{
	struct trace_bytes source = {bytes, size};
	struct error error;
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&source), &error);
	if (!reader)
		return 0;
	const struct trace_index_entry *entries;
	uint64_t sum = trace_reader_index(reader, &entries);
	struct event event;
	const struct trace_slice *slice;
	while (trace_reader_next(reader, &event, &slice, &error) > 0)
		for (unsigned i = 0; i < event.type->field_count; i++)
			if (event.type->fields[i].type == FIELD_TEXT)
				for (uint64_t j = 0; j < event.values[i].number; j++)
					sum += event.values[i].text[j];
	struct trace_condition condition = trace_reader_condition(reader);
	if (condition.cut_at > size)
		abort();
	trace_reader_close(reader);
	return sum;
}

static void put_u32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof value);
}

/* Makes headers valid from the first block on, as far as their sizes lead. */
static void mend(uint8_t *bytes, size_t size)
{
	size_t offset = HEAD_SIZE;
	while (size >= BLOCK_HEADER_SIZE && offset <= size - BLOCK_HEADER_SIZE) {
		uint8_t *header = bytes + offset;
		uint32_t stored_size;
		uint64_t place = htole64(offset);
		memcpy(&stored_size, header + AT_STORED_SIZE, sizeof stored_size);
		stored_size = le32toh(stored_size);
		if (stored_size > size - offset - BLOCK_HEADER_SIZE)
			return;
		memcpy(header, block_mark, BLOCK_MARK_SIZE);
		header[AT_VERSION] = BLOCK_VERSION;
		memcpy(header + AT_OFFSET, &place, sizeof place);
		put_u32(header + AT_PAYLOAD_CHECKSUM,
			block_checksum(header + BLOCK_HEADER_SIZE, stored_size));
		put_u32(header + AT_CHECKSUM, block_checksum(header, AT_CHECKSUM));
		offset += BLOCK_HEADER_SIZE + stored_size;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	read_all(bytes, size);
	uint8_t *mended = malloc(size ? size : 1);
	memcpy(mended, bytes, size);
	mend(mended, size);
	read_all(mended, size);
	free(mended);
	return 0;
}

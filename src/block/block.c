/* SPDX-License-Identifier: Apache-2.0 */
#include "block/block.h"
#include "base/memory.h"
#include <stdbool.h>
#include <endian.h>
#include <isa-l/crc.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

/* Where the fields of a header stand; numbers are little-endian.
 *
 *   0      4 5 6 7 8      12     16       20       24       32       40         48        56     60
 *   | mark |v|k|p|c|stored| size |payload | schema | offset | events | first    | last    |header|
 *   |      | | | | | size |      |checksum|checksum|        |        | time     | time    | chk. |
 */
enum {
	AT_VERSION = 4,
	AT_KIND = 5,
	AT_PACKING = 6,
	AT_CLOCK = 7,
	AT_STORED_SIZE = 8,
	AT_SIZE = 12,
	AT_PAYLOAD_CHECKSUM = 16,
	AT_SCHEMA_CHECKSUM = 20,
	AT_OFFSET = 24,
	AT_EVENTS = 32,
	AT_FIRST_TIME = 40,
	AT_LAST_TIME = 48,
	AT_HEADER_CHECKSUM = 56,
};

/* Not text, and not what compressed bytes or varints are likely to hold. */
const uint8_t block_mark[BLOCK_MARK_SIZE] = {0xb7, 'T', 'B', 0x1a};

static const int fast_level = 1;

static void put_u32(uint8_t *at, uint32_t value)
{
	value = htole32(value);
	memcpy(at, &value, sizeof value);
}

static void put_u64(uint8_t *at, uint64_t value)
{
	value = htole64(value);
	memcpy(at, &value, sizeof value);
}

static uint32_t get_u32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof value);
	return le32toh(value);
}

static uint64_t get_u64(const uint8_t *at)
{
	uint64_t value;
	memcpy(&value, at, sizeof value);
	return le64toh(value);
}

uint32_t block_checksum(const void *bytes, size_t size)
{
	return ~crc32_iscsi((unsigned char *)bytes, (int)size, ~0u);
}

void block_header_encode(const struct block_header *header, uint8_t out_bytes[BLOCK_HEADER_SIZE])
{
	memcpy(out_bytes, block_mark, BLOCK_MARK_SIZE);
	out_bytes[AT_VERSION] = BLOCK_VERSION;
	out_bytes[AT_KIND] = header->kind;
	out_bytes[AT_PACKING] = header->packing;
	out_bytes[AT_CLOCK] = header->clock;
	put_u32(out_bytes + AT_STORED_SIZE, header->stored_size);
	put_u32(out_bytes + AT_SIZE, header->size);
	put_u32(out_bytes + AT_PAYLOAD_CHECKSUM, header->payload_checksum);
	put_u32(out_bytes + AT_SCHEMA_CHECKSUM, header->schema_checksum);
	put_u64(out_bytes + AT_OFFSET, header->offset);
	put_u64(out_bytes + AT_EVENTS, header->events);
	put_u64(out_bytes + AT_FIRST_TIME, header->first_time);
	put_u64(out_bytes + AT_LAST_TIME, header->last_time);
	put_u32(out_bytes + AT_HEADER_CHECKSUM, block_checksum(out_bytes, AT_HEADER_CHECKSUM));
}

int block_header_decode(const uint8_t bytes[BLOCK_HEADER_SIZE], uint64_t offset,
			struct block_header *out_header)
{
	if (memcmp(bytes, block_mark, BLOCK_MARK_SIZE) || bytes[AT_VERSION] != BLOCK_VERSION ||
	    get_u32(bytes + AT_HEADER_CHECKSUM) != block_checksum(bytes, AT_HEADER_CHECKSUM))
		return -1;

	struct block_header header = {
		.kind = bytes[AT_KIND],
		.packing = bytes[AT_PACKING],
		.clock = bytes[AT_CLOCK],
		.stored_size = get_u32(bytes + AT_STORED_SIZE),
		.size = get_u32(bytes + AT_SIZE),
		.payload_checksum = get_u32(bytes + AT_PAYLOAD_CHECKSUM),
		.schema_checksum = get_u32(bytes + AT_SCHEMA_CHECKSUM),
		.offset = get_u64(bytes + AT_OFFSET),
		.events = get_u64(bytes + AT_EVENTS),
		.first_time = get_u64(bytes + AT_FIRST_TIME),
		.last_time = get_u64(bytes + AT_LAST_TIME),
	};
	if (header.offset != offset || header.stored_size > BLOCK_SIZE_MAX || header.size > BLOCK_SIZE_MAX ||
	    header.clock >= TRACE_CLOCK_COUNT)
		return -1;
	*out_header = header;
	return 0;
}

struct block_packer {
	ZSTD_CCtx *zstd;
	uint8_t *packed;
	size_t capacity;
};

struct block_packer *block_packer_create(void)
{
	struct block_packer *packer = memory_allocate(sizeof *packer);
	packer->zstd = ZSTD_createCCtx();
	return packer;
}

void block_packer_destroy(struct block_packer *packer)
{
	if (!packer)
		return;
	ZSTD_freeCCtx(packer->zstd);
	free(packer->packed);
	free(packer);
}

const uint8_t *block_pack(struct block_packer *packer, const uint8_t *payload, size_t size,
			  struct block_header *header)
{
	size_t most = ZSTD_compressBound(size);
	if (most > packer->capacity) {
		packer->packed = memory_resize(packer->packed, most, 1);
		packer->capacity = most;
	}
	size_t packed_size = ZSTD_compressCCtx(packer->zstd, packer->packed, most, payload, size, fast_level);
	bool is_smaller = !ZSTD_isError(packed_size) && packed_size < size;

	const uint8_t *stored = is_smaller ? packer->packed : payload;
	header->packing = is_smaller ? BLOCK_ZSTD : BLOCK_STORED;
	header->stored_size = (uint32_t)(is_smaller ? packed_size : size);
	header->size = (uint32_t)size;
	header->payload_checksum = block_checksum(stored, header->stored_size);
	return stored;
}

struct block_unpacker {
	ZSTD_DCtx *zstd;
	uint8_t *unpacked;
	size_t capacity;
};

struct block_unpacker *block_unpacker_create(void)
{
	struct block_unpacker *unpacker = memory_allocate(sizeof *unpacker);
	unpacker->zstd = ZSTD_createDCtx();
	return unpacker;
}

void block_unpacker_destroy(struct block_unpacker *unpacker)
{
	if (!unpacker)
		return;
	ZSTD_freeDCtx(unpacker->zstd);
	free(unpacker->unpacked);
	free(unpacker);
}

const uint8_t *block_unpack(struct block_unpacker *unpacker, const struct block_header *header,
			    const uint8_t *stored)
{
	if (block_checksum(stored, header->stored_size) != header->payload_checksum)
		return NULL;
	if (header->packing == BLOCK_STORED)
		return header->stored_size == header->size ? stored : NULL;
	if (header->packing != BLOCK_ZSTD)
		return NULL;

	if (header->size > unpacker->capacity) {
		unpacker->unpacked = memory_resize(unpacker->unpacked, header->size, 1);
		unpacker->capacity = header->size;
	}
	size_t size = ZSTD_decompressDCtx(unpacker->zstd, unpacker->unpacked, header->size, stored,
					  header->stored_size);
	return size == header->size ? unpacker->unpacked : NULL;
}

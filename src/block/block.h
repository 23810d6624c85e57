/* SPDX-License-Identifier: Apache-2.0 */
/* block.h — one block of a .tbt file: a header, and a payload that it describes, each with its checksum.
 *
 * Words:    a payload is packed (zstd) or stored as it is, whichever is smaller; its size counts unpacked bytes.
 * Why two:  behind a damaged payload the header still tells where the next block is; behind a damaged header the
 *           reader looks for the next bytes that are a header. A header tells its own place in the file, so that
 *           bytes which merely look like one (a trace within a text of a trace) are not taken for it.
 * Threads:  a packer or unpacker belongs to one thread; the rest has no state.
 */
#pragma once
#include "record/clock.h"
#include <stddef.h>
#include <stdint.h>

enum {
	BLOCK_HEADER_SIZE = 60,
	BLOCK_MARK_SIZE = 4,
	BLOCK_VERSION = 1, /* the file's major version */
	BLOCK_SIZE_MAX =
		8 * 1024 * 1024, /* bytes of a payload, stored or unpacked; bigger ones are malformed */
};

extern const uint8_t block_mark[BLOCK_MARK_SIZE]; /* every header begins so */

enum block_kind { BLOCK_SCHEMA = 1, BLOCK_EVENTS = 2, BLOCK_INDEX = 3, BLOCK_END = 4 };
enum block_packing { BLOCK_STORED = 0, BLOCK_ZSTD = 1 };

struct block_header {
	uint8_t kind; /* enum block_kind; readers pass over those they do not know */
	uint8_t packing;
	uint8_t clock;             /* enum trace_clock, of the times in it */
	uint32_t stored_size;      /* bytes behind the header */
	uint32_t size;             /* bytes when unpacked */
	uint32_t payload_checksum; /* of the stored bytes */
	uint32_t schema_checksum;  /* of the schema that the events were written with, unpacked */
	uint64_t offset;           /* of this header in the file, bytes */
	uint64_t events;           /* how many events it holds; of an index: entries */
	uint64_t first_time;       /* ticks; least time in it; 0 when there is none */
	uint64_t last_time;        /* ticks; greatest time in it */
};

/* CRC32C (Castagnoli), as in iSCSI and ext4. */
uint32_t block_checksum(const void *bytes, size_t size);

void block_header_encode(const struct block_header *header, uint8_t out_bytes[BLOCK_HEADER_SIZE]);

/* 0; -1 when the bytes are no header that stands at `offset` of a file of this version. */
int block_header_decode(const uint8_t bytes[BLOCK_HEADER_SIZE], uint64_t offset,
			struct block_header *out_header);

struct block_packer;
struct block_packer *block_packer_create(void);
void block_packer_destroy(struct block_packer *packer);

/* Packs `size` bytes, at most BLOCK_SIZE_MAX, and fills in packing, sizes and payload checksum of the header.
 * Returns the bytes to store: the packer's until the next call, or `payload` itself. */
const uint8_t *block_pack(struct block_packer *packer, const uint8_t *payload, size_t size,
			  struct block_header *header);

struct block_unpacker;
struct block_unpacker *block_unpacker_create(void);
void block_unpacker_destroy(struct block_unpacker *unpacker);

/* Checks the stored bytes and unpacks them. Returns header->size bytes: the unpacker's until the next call,
 * or `stored` itself; NULL when they are damaged. */
const uint8_t *block_unpack(struct block_unpacker *unpacker, const struct block_header *header,
			    const uint8_t *stored);

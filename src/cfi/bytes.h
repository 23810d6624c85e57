/* SPDX-License-Identifier: Apache-2.0 */
/* bytes.h — reading what DWARF writes, without ever reading outside.
 *
 * Fails:    a read that does not fit sets `failed`, gives 0 and moves nothing; ask once at the end.
 * Source:   DWARF 5, 7.6 (LEB128).
 */
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct cfi_bytes {
	const uint8_t *at, *end;
	bool failed;
};

static inline bool cfi_bytes_has(struct cfi_bytes *bytes, uint64_t size)
{
	if (__builtin_expect((uint64_t)(bytes->end - bytes->at) >= size, 1))
		return true;
	bytes->failed = true;
	return false;
}

static inline uint8_t cfi_u8(struct cfi_bytes *bytes)
{
	return cfi_bytes_has(bytes, 1) ? *bytes->at++ : 0;
}

/* An unsigned integer of 2, 4 or 8 bytes. */
static inline uint64_t cfi_fixed(struct cfi_bytes *bytes, unsigned size)
{
	uint64_t value = 0;
	if (cfi_bytes_has(bytes, size)) {
		memcpy(&value, bytes->at, size);
		bytes->at += size;
	}
	return value;
}

static inline int64_t cfi_fixed_signed(struct cfi_bytes *bytes, unsigned size)
{
	unsigned unused_bits = 64 - 8 * size;
	return (int64_t)(cfi_fixed(bytes, size) << unused_bits) >> unused_bits;
}

/* Bits beyond the 64th are lost, as in every reader of DWARF; a number longer than ten bytes is none. */
static inline uint64_t cfi_uleb(struct cfi_bytes *bytes)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cfi_u8(bytes);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80))
			return value;
	}
	bytes->failed = true;
	return 0;
}

static inline int64_t cfi_sleb(struct cfi_bytes *bytes)
{
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 70; shift += 7) {
		uint8_t byte = cfi_u8(bytes);
		if (shift < 64)
			value |= (uint64_t)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			if (byte & 0x40 && shift + 7 < 64)
				value |= ~UINT64_C(0) << (shift + 7);
			return (int64_t)value;
		}
	}
	bytes->failed = true;
	return 0;
}

/* The next `size` bytes as bytes of their own. */
static inline struct cfi_bytes cfi_part(struct cfi_bytes *bytes, uint64_t size)
{
	if (!cfi_bytes_has(bytes, size))
		return (struct cfi_bytes){bytes->end, bytes->end, true};
	struct cfi_bytes part = {bytes->at, bytes->at + size, false};
	bytes->at += size;
	return part;
}

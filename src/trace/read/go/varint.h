/* SPDX-License-Identifier: Apache-2.0 */
/* varint.h — the numbers of a Go trace: LEB128, seven bits a byte, the lowest first.
 *
 * Promise:  nothing is read behind `end`. Longer encodings than needed are accepted (the runtime leaves room for a size and fills it
 *           later); what does not fit in 64 bits is not.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum { GO_VARINT_MAX = 10 }; /* bytes */

/* Where the number ends, or NULL when there is no whole number. */
static inline const uint8_t *go_varint_long(const uint8_t *at, const uint8_t *end, uint64_t *out_value)
{
	uint64_t value = 0;
	for (unsigned shift = 0; at < end && shift < 7 * GO_VARINT_MAX; shift += 7) {
		uint8_t byte = *at++;
		if (shift == 63 && byte > 1)
			return NULL;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80) {
			*out_value = value;
			return at;
		}
	}
	return NULL;
}

/* The same where GO_VARINT_MAX bytes can be read, whether they are the number's or not. */
static inline const uint8_t *go_varint_roomy(const uint8_t *at, uint64_t *out_value)
{
	uint64_t value = at[0];
	if (__builtin_expect(value < 0x80, 1)) {
		*out_value = value;
		return at + 1;
	}
	value = (value & 0x7f) | (uint64_t)at[1] << 7;
	if (__builtin_expect(at[1] < 0x80, 1)) {
		*out_value = value;
		return at + 2;
	}
	value = (value & 0x3fff) | (uint64_t)at[2] << 14;
	if (__builtin_expect(at[2] < 0x80, 1)) {
		*out_value = value;
		return at + 3;
	}
	return go_varint_long(at, at + GO_VARINT_MAX, out_value);
}

static inline const uint8_t *go_varint(const uint8_t *at, const uint8_t *end, uint64_t *out_value)
{
	if (__builtin_expect(end - at >= 3, 1)) {
		if (at[0] < 0x80) {
			*out_value = at[0];
			return at + 1;
		}
		if (at[1] < 0x80) {
			*out_value = (uint64_t)at[1] << 7 | (at[0] & 0x7f);
			return at + 2;
		}
		if (at[2] < 0x80) {
			*out_value = (uint64_t)at[2] << 14 | (uint64_t)(at[1] & 0x7f) << 7 | (at[0] & 0x7f);
			return at + 3;
		}
	}
	return go_varint_long(at, end, out_value);
}

/* Writes it in as few bytes as it takes, at most GO_VARINT_MAX; returns how many. */
static inline size_t go_varint_put(uint8_t *to, uint64_t value)
{
	size_t size = 0;
	while (value >= 0x80) {
		to[size++] = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	to[size++] = (uint8_t)value;
	return size;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* wire.h — how one number or text stands in bytes.
 *
 * Words:    a varint is little-endian base 128, seven bits a byte, high bit "more follows", as in Go's traces and
 *           protobuf; a sint is a varint of the zigzag form, so that small negative numbers are short.
 * Promise:  putters write at most WIRE_VARINT_MAX bytes a number and never look at memory behind them;
 *           getters read nothing at or behind `end`, and return NULL for a cut or over-long number.
 * Threads:  no state; safe in a signal handler.
 */
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { WIRE_VARINT_MAX = 10 };

static inline uint8_t *wire_put_uint(uint8_t *at, uint64_t value)
{
	while (value >= 0x80) {
		*at++ = (uint8_t)(value | 0x80);
		value >>= 7;
	}
	*at++ = (uint8_t)value;
	return at;
}

static inline uint8_t *wire_put_sint(uint8_t *at, int64_t value)
{
	return wire_put_uint(at, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

static inline uint8_t *wire_put_text(uint8_t *at, const void *bytes, size_t size)
{
	at = wire_put_uint(at, size);
	if (size)
		memcpy(at, bytes, size);
	return at + size;
}

static inline const uint8_t *wire_get_uint(const uint8_t *at, const uint8_t *end, uint64_t *out_value)
{
	if (at < end && *at < 0x80) {
		*out_value = *at;
		return at + 1;
	}
	uint64_t value = 0;
	for (unsigned shift = 0; shift < 64 && at < end; shift += 7) {
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

static inline const uint8_t *wire_get_sint(const uint8_t *at, const uint8_t *end, int64_t *out_value)
{
	uint64_t raw;
	at = wire_get_uint(at, end, &raw);
	if (at)
		*out_value = (int64_t)(raw >> 1 ^ -(raw & 1));
	return at;
}

/* What an event is told relative to; a slice begins with both given, or zero. */
struct event_registers {
	uint64_t time;    /* ticks; end of the last event */
	uint64_t address; /* the last address */
};

/* Where the next event goes; the event_put_… functions move it on. */
struct event_cursor {
	uint8_t *at;
	struct event_registers registers;
};

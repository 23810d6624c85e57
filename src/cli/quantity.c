/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/quantity.h"
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t worth;
};

static const struct unit duration_units[] = {
	{"ns", 1},
	{"us", 1000},
	{"ms", 1000000},
	{"s", 1000000000},
	{"m", 60 * UINT64_C(1000000000)},
	{"h", 3600 * UINT64_C(1000000000)},
	{NULL, 0},
};
static const struct unit size_units[] = {
	{"", 1},        {"K", 1 << 10}, {"k", 1 << 10}, {"M", 1 << 20},
	{"m", 1 << 20}, {"G", 1 << 30}, {"g", 1 << 30}, {NULL, 0},
};
static const struct unit count_units[] = {{"", 1}, {NULL, 0}};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits with at most one point in them, and a unit. The fraction is kept apart as `fraction` of `scale`. */
static int read_quantity(const char *text, const struct unit *units, uint64_t *out)
{
	const char *at = text;
	uint64_t whole = 0, fraction = 0, scale = 1;
	if (!is_digit(*at))
		return -1;
	for (; is_digit(*at); at++)
		if (__builtin_mul_overflow(whole, 10, &whole) ||
		    __builtin_add_overflow(whole, *at - '0', &whole))
			return -1;
	if (*at == '.') {
		if (!is_digit(*++at))
			return -1;
		for (; is_digit(*at); at++) {
			if (scale < UINT64_C(1000000000000000)) {
				fraction = 10 * fraction + (uint64_t)(*at - '0');
				scale *= 10;
			}
		}
	}

	for (; units->name; units++) {
		if (strcmp(at, units->name) != 0)
			continue;
		uint64_t part = (uint64_t)((unsigned __int128)fraction * units->worth / scale);
		uint64_t value;
		if ((scale > 1 && units->worth == 1) || __builtin_mul_overflow(whole, units->worth, &value) ||
		    __builtin_add_overflow(value, part, &value))
			return -1;
		*out = value;
		return 0;
	}
	return -1;
}

int quantity_read_duration(const char *text, uint64_t *out_ns)
{
	if (!strcmp(text, "0")) {
		*out_ns = 0;
		return 0;
	}
	return read_quantity(text, duration_units, out_ns);
}

int quantity_read_size(const char *text, uint64_t *out_bytes)
{
	return read_quantity(text, size_units, out_bytes);
}

int quantity_read_count(const char *text, uint64_t *out_count)
{
	return read_quantity(text, count_units, out_count);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* quantity.h — numbers as people write them: 10us, 1.5s, 16M.
 *
 * Promise:  the whole text is the quantity, without sign or blanks; what does not fit in 64 bits is refused. A fraction is
 *           exact down to the unit of the result, finer digits are cut off.
 * Broken:   all return 0, or -1 and leave the result alone.
 */
#pragma once
#include <stdint.h>

/* ns, us, ms, s, m (minutes) or h behind it; 0 may stand alone. */
int quantity_read_duration(const char *text, uint64_t *out_ns);

/* Bytes, or with K, M or G behind it, powers of 1024. */
int quantity_read_size(const char *text, uint64_t *out_bytes);

/* Decimal digits alone. */
int quantity_read_count(const char *text, uint64_t *out_count);

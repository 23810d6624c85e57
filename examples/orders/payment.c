/* SPDX-License-Identifier: Apache-2.0 */
#include "payment.h"
#include <errno.h>
#include <time.h>

bool payment_authorize(uint64_t amount_cents)
{
	struct timespec rest = {.tv_nsec = PAYMENT_MS * 1000000L};
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &rest, &rest) == EINTR)
		;
	return amount_cents <= PAYMENT_MOST_CENTS;
}

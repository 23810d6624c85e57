/* SPDX-License-Identifier: Apache-2.0 */
/* payment.h — stands in for the payment provider: a call to another company, which takes its time. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

enum { PAYMENT_MOST_CENTS = 400000, PAYMENT_MS = 2 };

/* True when the provider agrees to the amount; it does up to PAYMENT_MOST_CENTS. Waits PAYMENT_MS for its
 * answer. */
bool payment_authorize(uint64_t amount_cents);

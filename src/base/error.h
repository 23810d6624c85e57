/* SPDX-License-Identifier: Apache-2.0 */
/* error.h — what went wrong, in one line for a person.
 *
 * A function that can fail takes `struct error *out_error` last, returns -1 (or NULL), and fills it in; untouched on
 * success. The text is a clause in the user's words with the next step where there is one, without a final full stop
 * or newline. NULL may be passed by a caller who only wants to know that it failed.
 */
#pragma once
#include <stdint.h>

struct error {
	char text[400];
};

/* Formats the text; always returns -1, so that `return error_set(…)` reads well. */
int error_set(struct error *out_error, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same with ": " and the meaning of `error_number` (an errno value) behind it. */
int error_set_errno(struct error *out_error, int error_number, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

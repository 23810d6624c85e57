/* SPDX-License-Identifier: Apache-2.0 */
/* must.h — calls that have to succeed for the story to be told. */
#pragma once
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The result of a call that says -1 when it fails; ends the program with 99 then. */
#define MUST(call)                                                                                           \
	({                                                                                                   \
		__typeof__(call) must_result = (call);                                                       \
		if (must_result == (__typeof__(call))-1) {                                                   \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(errno));      \
			exit(99);                                                                            \
		}                                                                                            \
		must_result;                                                                                 \
	})

/* For calls that return an error number. */
#define MUST_ZERO(call)                                                                                      \
	do {                                                                                                 \
		int must_error = (call);                                                                     \
		if (must_error != 0) {                                                                       \
			fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(must_error)); \
			exit(99);                                                                            \
		}                                                                                            \
	} while (0)

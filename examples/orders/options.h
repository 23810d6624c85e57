/* SPDX-License-Identifier: Apache-2.0 */
/* options.h — the command line of the service. */
#pragma once
#include <stdint.h>

/* Each is a setting that somebody could have chosen in good faith; main.c says which. */
enum fault { FAULT_NONE, FAULT_LOCK, FAULT_FSYNC, FAULT_POOL };

struct options {
	uint16_t port;         /* 0: the kernel chooses */
	const char *port_file; /* where the port is written when the service listens, or NULL */
	const char *folder;    /* where orders are kept, or NULL */
	enum fault fault;
};

/* Ends the program when help was asked for (0), or when the words make no sense (2). */
void options_parse(int count, char **words, struct options *out_options);

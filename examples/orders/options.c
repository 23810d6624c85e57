/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"
#include <ctype.h>
#include <err.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { USAGE_ERROR = 2 };

static const char HELP[] =
	"usage: orders [OPTION]...\n"
	"\n"
	"An order service on http://127.0.0.1, with faults to look for.\n"
	"\n"
	"  --port PORT       listen on PORT (default: one that the kernel chooses)\n"
	"  --port-file FILE  write the port to FILE when the service listens\n"
	"  --data FOLDER     keep orders.db and orders.journal in FOLDER\n"
	"                    (default: orders are kept in memory)\n"
	"  --fault lock      every twentieth order recounts the inventory under its lock\n"
	"  --fault fsync     every order waits until the journal is on the disk; wants --data\n"
	"  --fault pool      two workers, where sixteen are wanted\n"
	"  --help            print this and exit\n";

static uint16_t parse_port(const char *text)
{
	char *end;
	unsigned long port = strtoul(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end || port > UINT16_MAX)
		errx(USAGE_ERROR, "--port: '%s' is not a port; write a number from 0 to 65535", text);
	return (uint16_t)port;
}

static enum fault parse_fault(const char *text)
{
	static const char *const names[] = {
		[FAULT_LOCK] = "lock",
		[FAULT_FSYNC] = "fsync",
		[FAULT_POOL] = "pool",
	};
	for (int fault = FAULT_LOCK; fault <= FAULT_POOL; fault++)
		if (strcmp(text, names[fault]) == 0)
			return (enum fault)fault;
	errx(USAGE_ERROR, "--fault: there is no '%s'; write lock, fsync or pool", text);
}

void options_parse(int count, char **words, struct options *out_options)
{
	static const struct option known[] = {
		{"port", required_argument, NULL, 'p'}, {"port-file", required_argument, NULL, 'f'},
		{"data", required_argument, NULL, 'd'}, {"fault", required_argument, NULL, 'x'},
		{"help", no_argument, NULL, 'h'},       {NULL, 0, NULL, 0},
	};
	struct options options = {.fault = FAULT_NONE};
	for (int option; (option = getopt_long(count, words, "", known, NULL)) != -1;) {
		switch (option) {
		case 'p':
			options.port = parse_port(optarg);
			break;
		case 'f':
			options.port_file = optarg;
			break;
		case 'd':
			options.folder = optarg;
			break;
		case 'x':
			options.fault = parse_fault(optarg);
			break;
		case 'h':
			fputs(HELP, stdout);
			exit(EXIT_SUCCESS);
		default:
			exit(USAGE_ERROR);
		}
	}
	if (optind < count)
		errx(USAGE_ERROR, "'%s' is one word too many; see --help", words[optind]);
	if (options.fault == FAULT_FSYNC && !options.folder)
		errx(USAGE_ERROR, "--fault fsync: there is no journal without --data FOLDER");
	*out_options = options;
}

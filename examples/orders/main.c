/* SPDX-License-Identifier: Apache-2.0 */
/* orders — a small order service, well-behaved unless a fault is switched on; README.md shows its use. */
#include "options.h"
#include "server.h"
#include <err.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* An order mostly waits for the payment provider, so many workers keep few processors busy. */
enum { WORKERS = 16, WORKERS_TOO_FEW = 2, RECOUNT_INTERVAL = 20 };

/* Written beside its place and renamed, so that whoever sees the file sees all of it. */
static int write_port(const char *path, uint16_t port)
{
	char *part;
	if (asprintf(&part, "%s.part", path) < 0)
		return -1;
	FILE *file = fopen(part, "we");
	int result = file && fprintf(file, "%u\n", port) > 0 ? 0 : -1;
	if (file && fclose(file) != 0)
		result = -1;
	if (result == 0)
		result = rename(part, path);
	if (result != 0)
		unlink(part);
	free(part);
	return result;
}

/* SIGTERM and SIGINT, as a descriptor that becomes readable. Blocked before there is any other thread, they
 * are so in all. */
static int signals_open(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	return signalfd(-1, &signals, SFD_CLOEXEC);
}

static void signals_await(int signals)
{
	struct pollfd ready = {.fd = signals, .events = POLLIN};
	while (poll(&ready, 1, -1) < 0 && errno == EINTR)
		;
}

static int serve(struct service *service, const struct options *options, int signals)
{
	struct server *server = server_start(service, options->port);
	if (!server) {
		warn("cannot listen on 127.0.0.1:%u", options->port);
		workers_stop(&service->workers);
		return -1;
	}
	int result = options->port_file ? write_port(options->port_file, server_port(server)) : 0;
	if (result != 0) {
		warn("%s", options->port_file);
	} else {
		printf("orders: listening on http://127.0.0.1:%u\n", server_port(server));
		fflush(stdout);
		signals_await(signals);
	}
	server_stop(server);
	return result;
}

int main(int count, char **words)
{
	struct options options;
	options_parse(count, words, &options);
	struct orders_setup setup = {
		.folder = options.folder,
		.recount_interval = options.fault == FAULT_LOCK ? RECOUNT_INTERVAL : 0,
		.is_journal_synced = options.fault == FAULT_FSYNC,
	};
	unsigned workers = options.fault == FAULT_POOL ? WORKERS_TOO_FEW : WORKERS;

	int signals = signals_open();
	if (signals < 0)
		err(EXIT_FAILURE, "signalfd");
	struct service service;
	if (orders_open(&service.orders, &setup) != 0)
		return EXIT_FAILURE;
	int result = workers_start(&service.workers, workers);
	if (result != 0) {
		warn("cannot start %u workers", workers);
	} else {
		result = serve(&service, &options, signals);
		workers_fini(&service.workers);
	}
	orders_close(&service.orders);
	close(signals);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

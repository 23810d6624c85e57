/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/host.h"
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include "agent/clock_choice.h"
#include "agent/proc_file.h"

enum { NAME_SIZE = 128 };

static void cpu_model(char *out_name)
{
	static const char key[] = "model name\t: ";
	char *text = proc_read(NULL, "/proc/cpuinfo");
	const char *line = text ? strstr(text, key) : NULL;
	const char *name = line ? line + strlen(key) : "unknown";
	snprintf(out_name, NAME_SIZE, "%.*s", (int)strcspn(name, "\n"), name);
	free(text);
}

void host_tell(struct journal *journal)
{
	struct utsname system = {0};
	cpu_set_t allowed;
	char model[NAME_SIZE], source[NAME_SIZE];
	uname(&system);
	cpu_model(model);
	clock_choose(source, sizeof source);
	CPU_ZERO(&allowed);
	sched_getaffinity(0, sizeof allowed, &allowed);

	size_t most = EVENT_HOST_MAX + strlen(system.release) + strlen(model) + strlen(system.nodename) +
		      strlen(source);
	event_put_host(trace_writer_fact(journal->writer, journal->clock, most), journal_now(journal),
		       system.release, strlen(system.release), model, strlen(model),
		       (uint64_t)CPU_COUNT(&allowed), system.nodename, strlen(system.nodename), source,
		       strlen(source));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Prints what a careful program could see of a guest: its descriptors, signals handled, threads,
 * environment, timers. */
#include "must.h"
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

static int is_number_smaller(const struct dirent **left, const struct dirent **right)
{
	return atoi((*left)->d_name) - atoi((*right)->d_name);
}

static void print_descriptors(void)
{
	struct dirent **entries;
	int count = MUST(scandir("/proc/self/fd", &entries, NULL, is_number_smaller));
	for (int i = 0; i < count; i++) {
		char path[300], target[300];
		snprintf(path, sizeof path, "/proc/self/fd/%s", entries[i]->d_name);
		ssize_t size = readlink(path, target, sizeof target - 1);
		/* The folder's own descriptor is closed by now; pipes, sockets and files without a name have numbers. */
		if (size < 0 || entries[i]->d_name[0] == '.')
			continue;
		target[size] = 0;
		target[strcspn(target, ":#")] = 0;
		printf("descriptor %s: %s, flags %d\n", entries[i]->d_name, target,
		       fcntl(atoi(entries[i]->d_name), F_GETFD));
	}
}

static void print_lines(const char *path, const char *const *beginnings)
{
	char line[1024];
	FILE *stream = fopen(path, "r");
	while (stream && fgets(line, sizeof line, stream))
		for (const char *const *beginning = beginnings; *beginning; beginning++)
			if (strncmp(line, *beginning, strlen(*beginning)) == 0)
				fputs(line, stdout);
	if (stream)
		fclose(stream);
}

int main(void)
{
	print_descriptors();
	print_lines("/proc/self/status", (const char *[]){"Threads:", "SigIgn:", "SigBlk:", "SigCgt:", NULL});
	print_lines("/proc/self/timers", (const char *[]){"ID:", NULL});
	int fd = MUST(open("/dev/null", O_RDONLY));
	printf("the next descriptor is %d\n", fd);
}

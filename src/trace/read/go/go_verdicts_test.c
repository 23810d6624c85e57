/* SPDX-License-Identifier: Apache-2.0 */
/* The text traces of Go's own source tree: what its reader accepts we accept, what it refuses we refuse. */
#include "trace/read/go/test_go_trace.h"
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdbool.h>

static const char *const folders[] = {"/usr/local/go/src/internal/trace/testdata/tests",
				      "/usr/lib/go/src/internal/trace/testdata/tests"};

static char *read_file(const char *path, size_t *out_size)
{
	FILE *input = fopen(path, "r");
	assert_non_null(input);
	fseek(input, 0, SEEK_END);
	size_t size = (size_t)ftell(input);
	rewind(input);
	char *text = memory_allocate(size + 1);
	assert_int_equal(fread(text, 1, size, input), size);
	fclose(input);
	*out_size = size;
	return text;
}

/* "-- expect --", a line of verdict, "-- trace --", the trace. Returns whether our verdict is the same. */
static int agrees(const char *path)
{
	static const char expect[] = "-- expect --\n", trace[] = "-- trace --\n";
	size_t size, trace_size;
	char *file = read_file(path, &size);
	char *verdict = strstr(file, expect), *text = strstr(file, trace);
	assert_true(verdict && text);
	bool is_accepted = !strncmp(verdict + sizeof expect - 1, "SUCCESS", 7);
	text += sizeof trace - 1;
	struct error error;
	uint8_t *bytes = trace_of_text(text, size - (size_t)(text - file), &trace_size, &error);
	if (!bytes)
		fail_msg("%s: %s", path, error.text);
	struct reading reading = read_trace(bytes, trace_size, &roomy_limits, 1);
	if (reading.is_accepted != is_accepted)
		print_message("%s: %s here: %s\n", path, reading.is_accepted ? "accepted" : "refused",
			      reading.error.text);
	/* Whatever is wrong in them, none is refused for good. */
	struct reading lenient = read_trace(bytes, trace_size, &roomy_limits, 0);
	assert_true(lenient.is_accepted);
	assert_int_equal(!is_accepted, lenient.condition.broken + (uint64_t)lenient.condition.is_cut > 0);
	free(bytes);
	free(file);
	return reading.is_accepted == is_accepted;
}

static void verdicts_are_those_of_gos_reader(void **state)
{
	(void)state;
	int found = 0, agreed = 0;
	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
		DIR *folder = opendir(folders[i]);
		for (struct dirent *entry; folder && (entry = readdir(folder));) {
			char path[1024];
			snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
			if (!strstr(entry->d_name, ".test"))
				continue;
			found++;
			agreed += agrees(path);
		}
		if (folder)
			closedir(folder);
	}
	if (!found) {
		print_message("skipped: no Go source tree on this machine\n");
		skip();
	}
	assert_int_equal(agreed, found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(verdicts_are_those_of_gos_reader)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}

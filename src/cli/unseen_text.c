/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/unseen_text.h"
#include <inttypes.h>

enum { NAMED_MAX = 3 }; /* programs of a kind */

static const struct {
	const char *why, *remedy;
} texts[PROGRAM_KIND_COUNT] = {
	[PROGRAM_STATIC] = {"statically linked, so no library can be loaded into it",
			    "link it dynamically; `perf trace -s` sees its system calls as it is"},
	[PROGRAM_GO_STATIC] = {"a Go program, which waits in Go's scheduler and not in libc",
			       "Go's own tracer sees it (runtime/trace, /debug/pprof/trace), and tickbird "
			       "report reads that"},
	[PROGRAM_GO] = {"a Go program, which waits in Go's scheduler and not in libc",
			"Go's own tracer sees it (runtime/trace, /debug/pprof/trace), and tickbird report "
			"reads that"},
	[PROGRAM_PRIVILEGED] =
		{"it gains rights (set-user-id, set-group-id or capabilities), so the loader takes no "
		 "library from its environment",
		 "run tickbird as the user that it becomes"},
	[PROGRAM_OTHER_MACHINE] = {"not a 64-bit x86 program", "build it for x86-64"},
	[PROGRAM_OTHER_LOADER] = {"made for another C library than glibc", "build it against glibc"},
	[PROGRAM_SANITIZER] = {"built with a sanitizer, which has to be the first library",
			       "record a build without -fsanitize"},
	[PROGRAM_UNREADABLE] = {"its file may be run but not read, so nobody knows whether the library fits",
				"give read permission, or run tickbird as its owner"},
	[PROGRAM_NO_LIBRARY] =
		{"libtickbird.so cannot be opened where it runs (another root, or no permission)",
		 "put it there under the same path, readable by all"},
	[PROGRAM_DISABLED] = {"TICKBIRD_DISABLE is set", "unset it"},
};

const char *unseen_why(enum program_kind kind)
{
	return texts[kind].why;
}

const char *unseen_remedy(enum program_kind kind)
{
	return texts[kind].remedy;
}

/* What a terminal would obey is left out. */
static void print_path(FILE *output, const char *path)
{
	if (!*path)
		fputs("a program without a name", output);
	for (; *path; path++)
		fputc((unsigned char)*path < ' ' || *path == 0x7f ? '?' : *path, output);
}

static void print_kind(FILE *output, const struct unseen *unseen, enum program_kind kind)
{
	size_t named = 0, more = 0;
	for (size_t i = 0; i < unseen->program_count; i++) {
		const struct unseen_program *program = &unseen->programs[i];
		if (program->kind != kind)
			continue;
		if (named == NAMED_MAX) {
			more++;
			continue;
		}
		fputs(named++ ? ", " : "tickbird: not recorded: ", output);
		print_path(output, program->path);
		if (program->processes > 1)
			fprintf(output, " (%" PRIu64 " times)", program->processes);
	}
	if (more)
		fprintf(output, " and %zu more", more);
	if (named)
		fprintf(output, ": %s; %s\n", unseen_why(kind), unseen_remedy(kind));
}

void unseen_print(FILE *output, const struct unseen *unseen)
{
	for (int kind = 0; kind < PROGRAM_KIND_COUNT; kind++)
		print_kind(output, unseen, (enum program_kind)kind);
	if (unseen->others)
		fprintf(output, "tickbird: not recorded: %" PRIu64 " more processes of other programs\n",
			unseen->others);
}

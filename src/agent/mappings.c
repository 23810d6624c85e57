/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/mappings.h"
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/memory.h"
#include "symbol/build_id.h"

enum { MAPPINGS_MAX = 16384 };

/* One line of /proc/PID/maps as a mapping with code; 0 when it is none. `path` points into the line, not terminated. */
static int parse_line(const char *line, size_t size, struct code_mapping *out_mapping, const char **out_path,
		      size_t *out_path_size)
{
	char text[PATH_MAX + 128], permissions[8] = "";
	unsigned long long start, end, offset;
	int path_at = 0;
	if (size >= sizeof text)
		return 0;
	memcpy(text, line, size);
	text[size] = 0;
	if (sscanf(text, "%llx-%llx %7s %llx %*s %*s %n", &start, &end, permissions, &offset, &path_at) < 4 ||
	    permissions[2] != 'x' || end <= start || !path_at)
		return 0;
	*out_mapping = (struct code_mapping){.start = start, .size = end - start, .file_offset = offset};
	*out_path = line + path_at;
	*out_path_size = size - (size_t)path_at;
	return 1;
}

static void tell_mapping(struct recorded *recorded, struct journal *journal, struct code_mapping *mapping)
{
	event_put_mapping(trace_writer_fact(journal->writer, journal->clock, EVENT_MAPPING_MAX),
			  journal_now(journal), recorded->process, mapping->start, mapping->size,
			  mapping->file_offset, mapping->module);
	MEMORY_GROW(recorded->mappings, recorded->mapping_count, recorded->mapping_room);
	recorded->mappings[recorded->mapping_count++] = *mapping;
}

static bool is_same_mapping(const struct code_mapping *a, const struct code_mapping *b, const char *path,
			    size_t path_size)
{
	return a->start == b->start && a->size == b->size && a->file_offset == b->file_offset &&
	       strlen(a->path) == path_size && memcmp(a->path, path, path_size) == 0;
}

/* Of the file as the process sees it: it may live in another root. Of one that has ended, as we see it. */
static void read_build_id(const struct recorded *recorded, const char *path, char out_id[BUILD_ID_TEXT_SIZE])
{
	char seen[PATH_MAX + 64];
	*out_id = 0;
	if (*path != '/')
		return;
	snprintf(seen, sizeof seen, "/proc/%u/root%s", recorded->pid, path);
	if (symbol_build_id(seen, out_id, BUILD_ID_TEXT_SIZE))
		symbol_build_id(path, out_id, BUILD_ID_TEXT_SIZE);
}

void mappings_update(struct recorded *recorded, struct journal *journal, const char *text)
{
	struct code_mapping *old = recorded->mappings;
	size_t old_count = recorded->mapping_count;
	bool *is_kept = memory_allocate(old_count);
	recorded->mappings = NULL;
	recorded->mapping_count = recorded->mapping_room = 0;

	for (const char *line = text; *line && recorded->mapping_count < MAPPINGS_MAX;) {
		size_t size = strcspn(line, "\n");
		struct code_mapping mapping;
		const char *path;
		size_t path_size;
		if (parse_line(line, size, &mapping, &path, &path_size)) {
			size_t i = 0;
			while (i < old_count && !is_same_mapping(&old[i], &mapping, path, path_size))
				i++;
			if (i < old_count) {
				is_kept[i] = true;
				MEMORY_GROW(recorded->mappings, recorded->mapping_count,
					    recorded->mapping_room);
				recorded->mappings[recorded->mapping_count++] = old[i];
			} else {
				mapping.path = memory_copy_text(path, path_size);
				char build_id[BUILD_ID_TEXT_SIZE];
				read_build_id(recorded, mapping.path, build_id);
				mapping.module = journal_module(journal, mapping.path, build_id);
				tell_mapping(recorded, journal, &mapping);
			}
		}
		line += size + (line[size] == '\n');
	}
	for (size_t i = 0; i < old_count; i++) {
		if (is_kept[i])
			continue;
		event_put_unmapping(trace_writer_fact(journal->writer, journal->clock, EVENT_UNMAPPING_MAX),
				    journal_now(journal), recorded->process, old[i].start);
		free(old[i].path);
	}
	free(is_kept);
	free(old);
	recorded->has_unknown_code = false;
}

void mappings_inherit(struct recorded *recorded, struct journal *journal, const struct recorded *parent)
{
	for (size_t i = 0; i < parent->mapping_count; i++) {
		struct code_mapping mapping = parent->mappings[i];
		mapping.path = memory_copy_text(mapping.path, strlen(mapping.path));
		tell_mapping(recorded, journal, &mapping);
	}
}

const struct code_mapping *mappings_find(const struct recorded *recorded, uint64_t address)
{
	for (size_t i = 0; i < recorded->mapping_count; i++)
		if (address - recorded->mappings[i].start < recorded->mappings[i].size)
			return &recorded->mappings[i];
	return NULL;
}

void mappings_destroy(struct recorded *recorded)
{
	for (size_t i = 0; i < recorded->mapping_count; i++)
		free(recorded->mappings[i].path);
	free(recorded->mappings);
}

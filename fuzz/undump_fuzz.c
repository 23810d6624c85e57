/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a trace in text form: what is accepted must be dumped and undumped to the same file again. */
#include "block/text.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

struct memory_file {
	char *bytes;
	size_t size;
};

static int write_memory(void *context, const void *bytes, size_t size)
{
	struct memory_file *file = context;
	file->bytes = realloc(file->bytes, file->size + size);
	memcpy(file->bytes + file->size, bytes, size);
	file->size += size;
	return 0;
}

static int undump(const void *text, size_t size, struct memory_file *out_file)
{
	FILE *input = fmemopen((void *)text, size, "r");
	struct error error;
	int result = text_undump(input, (struct trace_sink){write_memory, out_file}, &error);
	fclose(input);
	return result;
}

static struct memory_file dump(const struct memory_file *file)
{
	struct memory_file text = {0};
	FILE *output = open_memstream(&text.bytes, &text.size);
	struct trace_bytes bytes = {file->bytes, file->size};
	struct error error;
	struct trace_reader *reader = trace_reader_open(trace_source_bytes(&bytes), &error);
	if (!reader || text_dump(reader, output, &error) || trace_reader_condition(reader).blocks_damaged)
		abort();
	trace_reader_close(reader);
	fclose(output);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct memory_file file = {0}, again = {0};
	if (size && !undump(bytes, size, &file)) {
		struct memory_file text = dump(&file);
		if (undump(text.bytes, text.size, &again) || again.size != file.size ||
		    memcmp(again.bytes, file.bytes, file.size))
			abort();
		free(text.bytes);
	}
	free(file.bytes);
	free(again.bytes);
	return 0;
}

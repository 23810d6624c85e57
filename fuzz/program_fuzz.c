/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the headers of a program: the look ends soon, and finds the same again. */
#include "base/elf_look.h"
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>

enum { READS_MAX = 20000 };

struct bytes {
	const uint8_t *at;
	size_t size;
	unsigned reads;
};

static long read_at(void *file, uint64_t offset, void *out_bytes, size_t size)
{
	struct bytes *bytes = file;
	if (++bytes->reads > READS_MAX)
		abort();
	if (offset >= bytes->size)
		return 0;
	if (size > bytes->size - offset)
		size = bytes->size - offset;
	memcpy(out_bytes, bytes->at + offset, size);
	return (long)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct bytes first = {bytes, size, 0}, second = first;
	struct elf_look look, again;
	memset(&look, 0, sizeof look);
	memset(&again, 0, sizeof again);
	int result = elf_look((struct elf_source){read_at, &first}, &look);
	if (elf_look((struct elf_source){read_at, &second}, &again) != result ||
	    memcmp(&look, &again, sizeof look))
		abort();
	if (result == 0 && !memchr(look.interpreter, 0, sizeof look.interpreter))
		abort();
	return 0;
}

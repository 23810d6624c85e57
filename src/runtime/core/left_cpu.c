/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/left_cpu.h"
#include <dlfcn.h>
#include <stddef.h>

/* The abort address must lie behind the signature, in executable memory; nothing ever runs here. */
__asm__(".pushsection .text\n"
	".balign 8\n"
	".long 0x53053053\n" /* RSEQ_SIG */
	"left_cpu_abort_address: ud2\n"
	".popsection\n");
extern const char left_cpu_abort_address[] __attribute__((visibility("hidden")));
_Static_assert(RSEQ_SIG == 0x53053053, "the signature above");

/* One byte at address 16, where no code can be. */
const struct rseq_cs left_cpu_never_run __attribute__((aligned(32))) = {
	.start_ip = 16,
	.post_commit_offset = 1,
	.abort_ip = (uintptr_t)left_cpu_abort_address,
};

static ptrdiff_t area_offset; /* from the thread pointer; 0 none */

void left_cpu_init(void)
{
	const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size");
	const ptrdiff_t *offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
	if (size && *size && offset)
		area_offset = *offset;
}

volatile uint64_t *left_cpu_field(void)
{
	if (!area_offset)
		return NULL;
	char *area = (char *)__builtin_thread_pointer() + area_offset;
	return (volatile uint64_t *)&((struct rseq *)area)->rseq_cs;
}

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

/* Stands in for the field where threads have no area. */
static _Thread_local volatile uint64_t no_area __attribute__((tls_model("initial-exec")));

ptrdiff_t left_cpu_offset;
static bool has_area;

void left_cpu_init(void)
{
	const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size");
	const ptrdiff_t *area = dlsym(RTLD_DEFAULT, "__rseq_offset");
	has_area = size && *size && area;
	left_cpu_offset = has_area ? *area + (ptrdiff_t)offsetof(struct rseq, rseq_cs)
				   : (const volatile char *)&no_area -
					     (const volatile char *)__builtin_thread_pointer();
}

bool left_cpu_begin(void)
{
	quick_words.left_cpu_offset = left_cpu_offset;
	bool is_ours = *left_cpu_field() == 0 || !left_cpu_look();
	if (!has_area || !is_ours)
		return false;
	left_cpu_arm();
	return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/core/left_cpu.h"

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

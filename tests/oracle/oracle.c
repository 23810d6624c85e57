/* SPDX-License-Identifier: Apache-2.0 */
/* The stack oracle: a library that is preloaded into a program, runs it instruction by instruction, and at each of them holds
 * the guest's walk against the truth.
 *
 * The truth is a stack of its own: what every executed call put onto the program's, and every signal; what lies below rsp is
 * gone. It knows nothing of unwind data. The processor's trap flag makes the kernel send SIGTRAP behind each instruction;
 * the handler has a stack of its own, which the program cannot take away (sigaltstack is answered here).
 *
 * ORACLE_STEPS: how many instructions. ORACLE_REPORT: file for the outcome, one line "name value" each, then the places
 * where the walk was wrong. ORACLE_START: "write": begin when the program writes to descriptor 7777, with the stack
 * that the walk finds there taken for true; else main is begun with.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "cfi/compile.h"
#include "runtime/core/thread_life.h"
#include "runtime/unwind/code.h"
#include "runtime/unwind/rule_cache.h"
#include "runtime/unwind/stack_walk.h"

#define EXPORT __attribute__((visibility("default")))
enum { TRAP_FLAG = 0x100, TRUTH_MAX = 8192, WRONG_MAX = 64, STACK_SIZE = 1 << 20, MAGIC_DESCRIPTOR = 7777 };

/* A word that a call, or the kernel for a signal, put onto the stack, and the address it stands for. */
struct truth {
	uint64_t slot, pc;
};

static struct truth truth[TRUTH_MAX];
static unsigned truth_count;
static uint64_t last_sp, top_sp; /* at the last instruction; where the oracle's part of the stack begins */
static bool was_call, is_running;
static pid_t own_tid;
static struct thread walker;
static struct memo memo_kept, memo_fresh;

static struct {
	uint64_t steps, most, exact, deep, wrong, wrong_in_exceptions, not_whole;
} counted;
static struct wrong {
	uint64_t pc, times;
	char text[160];
} wrong_places[WRONG_MAX];
static unsigned wrong_count;

static const char *report_path;

static const char *place_told(uint64_t pc)
{
	static char text[4][200];
	static unsigned next;
	char *told = text[next++ % 4];
	Dl_info info;
	if (dladdr((void *)pc, &info) && info.dli_fname) {
		const char *name = strrchr(info.dli_fname, '/');
		snprintf(told, sizeof *text, "%s+%#lx(%s)", name ? name + 1 : info.dli_fname,
			 (unsigned long)(pc - (uintptr_t)info.dli_fbase),
			 info.dli_sname ? info.dli_sname : "?");
	} else {
		snprintf(told, sizeof *text, "%#lx", (unsigned long)pc);
	}
	return told;
}

static void report(void)
{
	is_running = false;
	int fd = report_path && counted.steps
			 ? open(report_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
			 : -1;
	if (fd < 0)
		return;
	dprintf(fd, "steps %lu\nexact %lu\ndeep %lu\nwrong %lu\nin_exceptions %lu\nnot_whole %lu\n",
		counted.steps, counted.exact, counted.deep, counted.wrong, counted.wrong_in_exceptions,
		counted.not_whole);
	for (unsigned i = 0; i < wrong_count; i++)
		dprintf(fd, "at %s x%lu: %s\n", place_told(wrong_places[i].pc), wrong_places[i].times,
			wrong_places[i].text);
	close(fd);
}

/* --- the truth --------------------------------------------------------------------------------------------------- */

static bool is_call(const uint8_t *code)
{
	static const uint8_t prefixes[] = {0x66, 0x67, 0xf2, 0xf3, 0x2e, 0x3e, 0x26, 0x36, 0x64, 0x65};
	for (int i = 0; i < 6; i++, code++)
		if (!memchr(prefixes, *code, sizeof prefixes) && (*code & 0xf0) != 0x40)
			break;
	return *code == 0xe8 || (*code == 0xff && (code[1] & 0x38) == 0x10);
}

static void truth_put(uint64_t slot, uint64_t pc)
{
	if (truth_count < TRUTH_MAX)
		truth[truth_count++] = (struct truth){slot, pc};
}

static bool is_signal_return(uint64_t pc)
{
	struct cfi_image image;
	return code_image(pc - 1, &image) && rule_kind(cfi_rule_at(&image, pc - 1)) == RULE_SIGNAL;
}

/* What the last instruction did to the stack. */
static void truth_follow(uint64_t sp)
{
	while (truth_count && truth[truth_count - 1].slot < sp)
		truth_count--;
	if (was_call && sp == last_sp - 8) {
		truth_put(sp, *(const uint64_t *)sp);
	} else if (!was_call && sp + 128 < last_sp && is_signal_return(*(const uint64_t *)sp)) {
		const uint64_t *context = (const uint64_t *)(sp + 8);
		truth_put(sp + 8,
			  context[RULE_SIGNAL_PC / 8]); /* the handler's caller was interrupted there */
		truth_put(sp, *(const uint64_t *)sp);
	}
}

/* --- the comparison ---------------------------------------------------------------------------------------------- */

/* The first frame, from the leaf on, in which walk and truth differ; -1 none. */
static int first_difference(const struct memo *memo, uint64_t pc, uint64_t *out_found, uint64_t *out_true)
{
	unsigned frame = memo->count, entry = truth_count;
	for (int i = 0;; i++) {
		while (frame && code_is_own(memo->frames[frame - 1].pc))
			frame--;
		while (i && entry && code_is_own(truth[entry - 1].pc))
			entry--;
		*out_found = frame ? memo->frames[--frame].pc : 0;
		*out_true = !i ? pc : entry ? truth[--entry].pc : 0;
		if (*out_found != *out_true)
			return i;
		if (!*out_found)
			return -1;
	}
}

static bool is_in_exceptions(uint64_t pc)
{
	Dl_info info;
	return dladdr((void *)pc, &info) && info.dli_fname && strstr(info.dli_fname, "libgcc_s");
}

static void note_wrong(uint64_t pc, const char *which, int frame, uint64_t found, uint64_t expected,
		       enum stack_end end)
{
	bool is_exception = is_in_exceptions(pc);
	counted.wrong += !is_exception;
	counted.wrong_in_exceptions += is_exception;
	unsigned i = 0;
	while (i < wrong_count && wrong_places[i].pc != pc)
		i++;
	if (i == WRONG_MAX)
		return;
	if (i == wrong_count) {
		wrong_count++;
		wrong_places[i].pc = pc;
		snprintf(wrong_places[i].text, sizeof wrong_places[i].text,
			 "%s, end %d, frame %d is %s, not %s", which, (int)end, frame, place_told(found),
			 place_told(expected));
	}
	wrong_places[i].times++;
}

static void compare(const ucontext_t *context, uint64_t pc)
{
	uint64_t found, expected;
	counted.steps++;
	if (truth_count + 1 > STACK_DEPTH_MAX) {
		counted.deep++;
		return;
	}
	struct stack_start start = stack_start_at_signal(context);
	memo_fresh.firm = 0;
	enum stack_end fresh = stack_walk(&walker, &memo_fresh, start),
		       kept = stack_walk(&walker, &memo_kept, start);
	counted.not_whole += fresh != STACK_WHOLE;
	int frame = first_difference(&memo_fresh, pc, &found, &expected);
	if (frame >= 0) {
		note_wrong(pc, "walked", frame, found, expected, fresh);
		return;
	}
	frame = first_difference(&memo_kept, pc, &found, &expected);
	if (frame >= 0 || kept != fresh)
		note_wrong(pc, "recognised", frame, found, expected, kept);
	else
		counted.exact++;
}

static void step(int signal, siginfo_t *info, void *context_)
{
	(void)signal;
	(void)info;
	ucontext_t *context = context_;
	greg_t *registers = context->uc_mcontext.gregs;
	if (!is_running || syscall(SYS_gettid) != own_tid) {
		registers[REG_EFL] &= ~TRAP_FLAG; /* a child, or a thread that inherited the flag */
		return;
	}
	int program_errno = errno;
	uint64_t pc = (uint64_t)registers[REG_RIP], sp = (uint64_t)registers[REG_RSP];
	truth_follow(sp);
	last_sp = sp;
	was_call = is_call((const uint8_t *)pc);
	if (!code_is_own(pc))
		compare(context, pc);
	if (counted.steps >= counted.most || sp > top_sp) {
		registers[REG_EFL] &= ~TRAP_FLAG;
		report();
	}
	errno = program_errno;
}

/* --- beginning --------------------------------------------------------------------------------------------------- */

/* Sets the trap flag: the next instruction is the first. */
#define BEGIN_STEPPING() __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory", "cc")
#define END_STEPPING()   __asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory", "cc")

static uintptr_t stack_end(void)
{
	char line[512];
	unsigned long low, high, found = 0;
	FILE *maps = fopen("/proc/self/maps", "re");
	while (maps && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx", &low, &high) == 2 && (uintptr_t)line >= low &&
		    (uintptr_t)line < high)
			found = high;
	if (maps)
		fclose(maps);
	return found;
}

static void prepare(void)
{
	stack_walk_init((const void *)prepare);
	own_tid = (pid_t)syscall(SYS_gettid);
	walker.stack_high = stack_end();
	walker.stack_low = walker.stack_high - (8 << 20);
	walker.epoch = memo_fresh.epoch = memo_kept.epoch = 1;
	void *memory = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	stack_t stack = {.ss_sp = memory, .ss_size = STACK_SIZE};
	syscall(SYS_sigaltstack, &stack, NULL);
	struct sigaction action = {.sa_sigaction = step, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
	sigaction(SIGTRAP, &action, NULL);
	atexit(report);
}

/* The frames from here to the root, as the walk finds them: the truth begins with them. */
static void truth_begin(const void *frame)
{
	struct memo *memo = &memo_fresh;
	memo->firm = 0;
	stack_walk(&walker, memo, stack_start_at_hook(frame));
	truth_count = 0;
	for (unsigned i = 0; i < memo->count; i++)
		truth_put(memo->frames[i].sp - 8, memo->frames[i].pc);
	last_sp = 0;
	was_call = false;
	is_running = true;
}

static int (*program_main)(int, char **, char **);

static __attribute__((noinline, optimize("no-omit-frame-pointer"))) int main_stepped(int count, char **words,
										     char **environment)
{
	truth_begin(__builtin_frame_address(0));
	top_sp = (uintptr_t)__builtin_frame_address(0);
	BEGIN_STEPPING();
	int result = program_main(count, words, environment);
	END_STEPPING();
	report();
	return result;
}

EXPORT int __libc_start_main(int (*main_)(int, char **, char **), int count, char **words, void (*init)(void),
			     void (*fini)(void), void (*loader_fini)(void), void *stack_end_);

int __libc_start_main(int (*main_)(int, char **, char **), int count, char **words, void (*init)(void),
		      void (*fini)(void), void (*loader_fini)(void), void *stack_end_)
{
	__typeof__(__libc_start_main) *real = (__typeof__(real))dlsym(RTLD_NEXT, "__libc_start_main");
	const char *steps = getenv("ORACLE_STEPS"), *start = getenv("ORACLE_START");
	if (!steps)
		return real(main_, count, words, init, fini, loader_fini, stack_end_);
	counted.most = strtoull(steps, NULL, 10);
	report_path = getenv("ORACLE_REPORT");
	unsetenv("LD_PRELOAD"); /* children run alone */
	unsetenv("ORACLE_STEPS");
	prepare();
	program_main = main_;
	top_sp = UINTPTR_MAX;
	return real(start ? main_ : main_stepped, count, words, init, fini, loader_fini, stack_end_);
}

/* The program asks for the oracle to begin here. */
EXPORT __attribute__((optimize("no-omit-frame-pointer"))) ssize_t write(int fd, const void *bytes,
									size_t size)
{
	if (fd != MAGIC_DESCRIPTOR || !report_path || is_running || counted.steps)
		return syscall(SYS_write, fd, bytes, size);
	truth_begin(__builtin_frame_address(0));
	BEGIN_STEPPING();
	return 1;
}

EXPORT int sigaltstack(const stack_t *restrict new_stack, stack_t *restrict old_stack)
{
	(void)new_stack; /* the oracle's stays */
	if (old_stack)
		*old_stack = (stack_t){.ss_flags = SS_DISABLE};
	return 0;
}

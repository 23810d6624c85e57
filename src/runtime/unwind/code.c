/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/unwind/code.h"
#include <dlfcn.h>
#include <elf.h>
#include <sys/auxv.h>
#include <ucontext.h>
#include "runtime/unwind/stack_memory.h"

enum { PAGE = 4096, SEGMENTS_MAX = 64 };

static __typeof__(_dl_find_object) *find_object; /* from the loader, NULL in older C libraries */
uintptr_t code_own_low, code_own_size;
uint64_t code_context_start;

/* The segments of a loaded object. */
struct segments {
	const Elf64_Phdr *headers;
	unsigned count;
	uintptr_t bias; /* where virtual address 0 is */
};

/* Of the program itself, as the kernel told it. It may lie in parts that the loader knows one by one. */
static struct segments program;

/* Of an object that begins with its first segment, as all that the loader maps do. */
static bool segments_of(uintptr_t object, uintptr_t end, struct segments *out_segments)
{
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)object;
	if (end - object < PAGE || memcmp(head->e_ident, ELFMAG, SELFMAG) ||
	    head->e_phentsize != sizeof(Elf64_Phdr) || head->e_phnum > SEGMENTS_MAX ||
	    head->e_phoff > PAGE - head->e_phnum * sizeof(Elf64_Phdr))
		return false;
	struct segments segments = {(const Elf64_Phdr *)(object + head->e_phoff), head->e_phnum, 0};
	unsigned first = 0;
	while (first < segments.count && segments.headers[first].p_type != PT_LOAD)
		first++;
	if (first == segments.count)
		return false;
	segments.bias = object - (segments.headers[first].p_vaddr & ~(uintptr_t)(PAGE - 1));
	*out_segments = segments;
	return true;
}

/* The segment that an address is in becomes the image. */
static bool find_segment(const struct segments *segments, uintptr_t address, struct cfi_image *out_image)
{
	for (unsigned i = 0; i < segments->count; i++) {
		const Elf64_Phdr *segment = &segments->headers[i];
		uintptr_t low = segments->bias + segment->p_vaddr;
		if (segment->p_type == PT_LOAD && segment->p_flags & PF_R &&
		    address - low < segment->p_filesz) {
			out_image->bytes = (const uint8_t *)low;
			out_image->address = low;
			out_image->size = segment->p_filesz;
			return true;
		}
	}
	return false;
}

bool code_image(uint64_t pc, struct cfi_image *out_image)
{
	struct dl_find_object object;
	if (!find_object || find_object((void *)pc, &object) || !object.dlfo_eh_frame)
		return false;
	uintptr_t start = (uintptr_t)object.dlfo_map_start, end = (uintptr_t)object.dlfo_map_end;
	uintptr_t index = out_image->index = (uintptr_t)object.dlfo_eh_frame;
	struct segments segments;
	bool is_one_piece = index - start < end - start;
	if (!is_one_piece)
		return find_segment(&program, index, out_image);
	return segments_of(start, end, &segments) && find_segment(&segments, index, out_image);
}

bool code_is_in_object(uint64_t pc)
{
	struct dl_find_object object;
	return find_object && find_object((void *)pc, &object) == 0;
}

const uint8_t *code_bytes(uint64_t pc, unsigned before, unsigned behind)
{
	uint64_t first = pc - before, last = pc + behind - 1;
	bool is_there =
		stack_memory_is_readable(first) &&
		(first / PAGE == last / PAGE || stack_memory_is_readable(last & ~(uint64_t)(PAGE - 1)));
	return is_there ? (const uint8_t *)pc : NULL;
}

/* E8 rel32, or FF /2 of two to seven bytes (Intel SDM, CALL). */
bool code_is_behind_call(uint64_t pc)
{
	enum { LONGEST = 7, NEAR = 5 };
	const uint8_t *code = code_bytes(pc, LONGEST, 1);
	if (!code)
		return false;
	if (code[-NEAR] == 0xe8)
		return true;
	for (int size = 2; size <= LONGEST; size++)
		if (code[-size] == 0xff && (code[1 - size] & 0x38) == 0x10)
			return true;
	return false;
}

/* makecontext writes the address at the end of the new stack: it is looked for there, and nothing ever runs on it. */
static uint64_t find_context_start(void)
{
	enum { WORDS = 32 };
	uint64_t stack[WORDS] = {0}, found = 0;
	ucontext_t context;
	if (getcontext(&context))
		return 0;
	context.uc_stack = (stack_t){.ss_sp = stack, .ss_size = sizeof stack};
	context.uc_link = NULL;
	makecontext(&context, (void (*)(void))find_context_start, 0);
	uint64_t top = (uint64_t)context.uc_mcontext.gregs[REG_RSP];
	if (top - (uintptr_t)stack < sizeof stack)
		memcpy(&found, (const void *)top, sizeof found);
	return found;
}

void code_init(const void *own)
{
	struct dl_find_object object;
	find_object = (__typeof__(_dl_find_object) *)dlsym(RTLD_DEFAULT, "_dl_find_object");
	program.headers = (const Elf64_Phdr *)getauxval(AT_PHDR);
	program.count = program.headers ? (unsigned)getauxval(AT_PHNUM) : 0;
	for (unsigned i = 0; i < program.count; i++)
		if (program.headers[i].p_type == PT_PHDR)
			program.bias = (uintptr_t)program.headers - program.headers[i].p_vaddr;
	code_context_start = find_context_start();
	if (own && find_object && find_object((void *)own, &object) == 0) {
		code_own_low = (uintptr_t)object.dlfo_map_start;
		code_own_size = (uintptr_t)object.dlfo_map_end - code_own_low;
	}
}

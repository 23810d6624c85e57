/* SPDX-License-Identifier: Apache-2.0 */
/* test_elf.h — small ELF files for tests, made of what elf_look.h looks at.
 *
 *   0 header │ 64 program headers │ 0x200 interpreter │ 0x300 note │ 0x400 dynamic section │ 0x600 names │ 0x800 symbols │
 *   0x900 hash table │ 0x1000 end
 */
#pragma once
#include <elf.h>
#include <stdint.h>
#include <string.h>

#define TEST_ELF_LOADER "/lib64/ld-linux-x86-64.so.2"

enum { TEST_ELF_SIZE = 0x1000, TEST_ELF_ADDRESS = 0x400000 };

struct test_elf_plan {
	unsigned char class; /* ELFCLASS64 when 0 */
	uint16_t machine;    /* EM_X86_64 when 0 */
	uint16_t type;       /* ET_DYN when 0 */
	const char *interpreter;
	const char *needed[4];
	const char *exports; /* a function */
	int is_go, is_pie;
};

static inline void test_elf_make(uint8_t bytes[TEST_ELF_SIZE], const struct test_elf_plan *plan)
{
	enum {
		HEADERS = 64,
		INTERPRETER = 0x200,
		NOTE = 0x300,
		DYNAMIC = 0x400,
		NAMES = 0x600,
		SYMBOLS = 0x800,
		HASH = 0x900
	};
	memset(bytes, 0, TEST_ELF_SIZE);
	Elf64_Ehdr file = {.e_type = plan->type ? plan->type : ET_DYN,
			   .e_machine = plan->machine ? plan->machine : EM_X86_64,
			   .e_version = EV_CURRENT,
			   .e_phoff = HEADERS,
			   .e_ehsize = sizeof file,
			   .e_phentsize = sizeof(Elf64_Phdr)};
	memcpy(file.e_ident, ELFMAG, SELFMAG);
	file.e_ident[EI_CLASS] = plan->class ? plan->class : ELFCLASS64;
	file.e_ident[EI_DATA] = ELFDATA2LSB;

	Elf64_Phdr *headers = (void *)(bytes + HEADERS);
	headers[file.e_phnum++] = (Elf64_Phdr){.p_type = PT_LOAD,
					       .p_vaddr = TEST_ELF_ADDRESS,
					       .p_filesz = TEST_ELF_SIZE,
					       .p_memsz = TEST_ELF_SIZE};
	if (plan->interpreter) {
		size_t size = strlen(plan->interpreter) + 1;
		memcpy(bytes + INTERPRETER, plan->interpreter, size);
		headers[file.e_phnum++] =
			(Elf64_Phdr){.p_type = PT_INTERP, .p_offset = INTERPRETER, .p_filesz = size};
	}
	/* a note of another kind stands before the one that is looked for */
	static const uint8_t notes[] = {4, 0, 0, 0, 3, 0, 0, 0, 3, 0, 0, 0, 'G', 'N', 'U', 0, 1,   2,   3, 0,
					4, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 'G', 'o', 0,   0, 'i', 'd', 0, 0};
	memcpy(bytes + NOTE, notes, sizeof notes);
	headers[file.e_phnum++] = (Elf64_Phdr){
		.p_type = PT_NOTE, .p_offset = NOTE, .p_filesz = plan->is_go ? sizeof notes : 20};

	if (plan->interpreter || plan->needed[0] || plan->exports || plan->is_pie) {
		Elf64_Dyn *dynamic = (void *)(bytes + DYNAMIC);
		uint64_t name = 1;
		size_t used = 0;
		for (size_t i = 0; i < 4 && plan->needed[i]; i++) {
			dynamic[used++] = (Elf64_Dyn){DT_NEEDED, {name}};
			strcpy((char *)bytes + NAMES + name, plan->needed[i]);
			name += strlen(plan->needed[i]) + 1;
		}
		dynamic[used++] = (Elf64_Dyn){DT_STRTAB, {TEST_ELF_ADDRESS + NAMES}};
		dynamic[used++] = (Elf64_Dyn){DT_SYMTAB, {TEST_ELF_ADDRESS + SYMBOLS}};
		if (plan->exports) {
			Elf64_Sym *symbol = (Elf64_Sym *)(void *)(bytes + SYMBOLS) + 1;
			*symbol = (Elf64_Sym){.st_name = (uint32_t)name, .st_shndx = 7};
			strcpy((char *)bytes + NAMES + name, plan->exports);
			uint32_t hash = 5381;
			for (const char *at = plan->exports; *at; at++)
				hash = hash * 33 + (uint8_t)*at;
			/* one bucket, first symbol 1, one filter word with shift 6 */
			uint64_t filter = UINT64_C(1) << hash % 64 | UINT64_C(1) << (hash >> 6) % 64;
			uint32_t table[] = {1, 1,       1, 6, (uint32_t)filter, (uint32_t)(filter >> 32),
					    1, hash | 1};
			memcpy(bytes + HASH, table, sizeof table);
			dynamic[used++] = (Elf64_Dyn){DT_GNU_HASH, {TEST_ELF_ADDRESS + HASH}};
		}
		if (plan->is_pie)
			dynamic[used++] = (Elf64_Dyn){DT_FLAGS_1, {DF_1_NOW | DF_1_PIE}};
		dynamic[used++] = (Elf64_Dyn){DT_NULL, {0}};
		headers[file.e_phnum++] = (Elf64_Phdr){.p_type = PT_DYNAMIC,
						       .p_offset = DYNAMIC,
						       .p_vaddr = TEST_ELF_ADDRESS + DYNAMIC,
						       .p_filesz = used * sizeof *dynamic};
	}
	memcpy(bytes, &file, sizeof file);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* fixture.h — for this folder's tests: places in the files that tests/symbol makes, and files made from them. */
#pragma once
#include <elfutils/libdwelf.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/memory.h"
#include "symbol/build_id.h"

/* The byte of `path` where tests/symbol/order.c has MARK(name). */
static inline uint64_t fixture_mark(const char *path, const char *mark)
{
	elf_version(EV_CURRENT);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	uint64_t found = 0;
	for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section));) {
		GElf_Shdr header, code;
		GElf_Sym symbol;
		if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB)
			continue;
		Elf_Data *symbols = elf_getdata(section, NULL);
		for (int i = 0; gelf_getsym(symbols, i, &symbol); i++)
			if (strcmp(elf_strptr(elf, header.sh_link, symbol.st_name), mark) == 0 &&
			    gelf_getshdr(elf_getscn(elf, symbol.st_shndx), &code))
				found = symbol.st_value - code.sh_addr + code.sh_offset;
	}
	elf_end(elf);
	close(fd);
	if (!found) {
		fprintf(stderr, "%s has no %s\n", path, mark);
		exit(1);
	}
	return found;
}

struct fixture_bytes {
	unsigned char *bytes; /* owned */
	size_t size;
};

static inline struct fixture_bytes fixture_read(const char *path)
{
	struct fixture_bytes file = {0};
	FILE *stream = fopen(path, "re");
	if (!stream || fseek(stream, 0, SEEK_END) != 0)
		exit(1);
	file.size = (size_t)ftell(stream);
	file.bytes = memory_allocate(file.size);
	rewind(stream);
	if (fread(file.bytes, 1, file.size, stream) != file.size)
		exit(1);
	fclose(stream);
	return file;
}

static inline void fixture_write(const char *path, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "we");
	if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
		exit(1);
}

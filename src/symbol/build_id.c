/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/build_id.h"
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	HEADERS_MAX = 4096, /* program or section headers looked at */
	NOTES_MAX = 64,     /* notes looked at in one place */
	BUILD_ID_MAX = (BUILD_ID_TEXT_SIZE - 1) / 2,
};

static bool read_exactly(int fd, void *bytes, size_t size, uint64_t offset)
{
	return offset <= INT64_MAX - size && pread(fd, bytes, size, (off_t)offset) == (ssize_t)size;
}

static void write_hexadecimal(const unsigned char *bytes, size_t size, char *out_text)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < size; i++) {
		*out_text++ = digits[bytes[i] >> 4];
		*out_text++ = digits[bytes[i] & 15];
	}
	*out_text = 0;
}

static uint64_t round_up(uint64_t size, uint64_t alignment)
{
	return (size + alignment - 1) & ~(alignment - 1);
}

/* Looks for the build id among the notes of [offset, offset + size). */
static bool find_in_notes(int fd, uint64_t offset, uint64_t size, uint64_t alignment, char *out_text)
{
	alignment = alignment == 8 ? 8 : 4;
	for (int i = 0; i < NOTES_MAX; i++) {
		Elf64_Nhdr note;
		if (size < sizeof note || !read_exactly(fd, &note, sizeof note, offset))
			return false;
		uint64_t id_at = round_up(sizeof note + note.n_namesz, alignment);
		uint64_t next_at = round_up(id_at + note.n_descsz, alignment);
		char name[4];
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == sizeof name && note.n_descsz &&
		    id_at + note.n_descsz <= size &&
		    read_exactly(fd, name, sizeof name, offset + sizeof note) &&
		    memcmp(name, "GNU", sizeof name) == 0) {
			unsigned char id[BUILD_ID_MAX];
			size_t id_size = note.n_descsz < sizeof id ? note.n_descsz : sizeof id;
			if (!read_exactly(fd, id, id_size, offset + id_at))
				return false;
			write_hexadecimal(id, id_size, out_text);
			return true;
		}
		if (next_at > size)
			return false;
		offset += next_at;
		size -= next_at;
	}
	return false;
}

static bool find_by_segments(int fd, const Elf64_Ehdr *file, char *out_text)
{
	if (file->e_phentsize != sizeof(Elf64_Phdr))
		return false;
	for (uint64_t i = 0; i < file->e_phnum && i < HEADERS_MAX; i++) {
		Elf64_Phdr segment;
		if (!read_exactly(fd, &segment, sizeof segment, file->e_phoff + i * sizeof segment))
			return false;
		if (segment.p_type == PT_NOTE &&
		    find_in_notes(fd, segment.p_offset, segment.p_filesz, segment.p_align, out_text))
			return true;
	}
	return false;
}

static bool find_by_sections(int fd, const Elf64_Ehdr *file, char *out_text)
{
	if (file->e_shentsize != sizeof(Elf64_Shdr))
		return false;
	for (uint64_t i = 0; i < file->e_shnum && i < HEADERS_MAX; i++) {
		Elf64_Shdr section;
		if (!read_exactly(fd, &section, sizeof section, file->e_shoff + i * sizeof section))
			return false;
		if (section.sh_type == SHT_NOTE &&
		    find_in_notes(fd, section.sh_offset, section.sh_size, section.sh_addralign, out_text))
			return true;
	}
	return false;
}

int symbol_build_id_of(int fd, char *out_text, size_t size)
{
	if (size)
		out_text[0] = 0;
	Elf64_Ehdr file;
	if (size < BUILD_ID_TEXT_SIZE || !read_exactly(fd, &file, sizeof file, 0) ||
	    memcmp(file.e_ident, ELFMAG, SELFMAG) != 0 || file.e_ident[EI_CLASS] != ELFCLASS64 ||
	    file.e_ident[EI_DATA] != ELFDATA2LSB)
		return -1;
	/* The segments of a file that holds debug information alone still tell of what was stripped from it, so
	 * that only its sections lead to the note. */
	return find_by_segments(fd, &file, out_text) || find_by_sections(fd, &file, out_text) ? 0 : -1;
}

int symbol_build_id(const char *path, char *out_text, size_t size)
{
	if (size)
		out_text[0] = 0;
	int fd = symbol_open_regular(path);
	if (fd < 0)
		return -1;
	int result = symbol_build_id_of(fd, out_text, size);
	close(fd);
	return result;
}

int symbol_open_regular(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return -1;
	struct stat status;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
		return fd;
	close(fd);
	return -1;
}

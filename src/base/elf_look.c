/* SPDX-License-Identifier: Apache-2.0 */
#include "base/elf_look.h"
#include <elf.h>
#include <string.h>

enum {
	HEADERS_MAX =
		65536 / sizeof(Elf64_Phdr), /* the kernel takes no more: fs/binfmt_elf.c, load_elf_phdrs */
	DYNAMIC_MAX = 1024,                 /* entries */
	NEEDED_MAX = 32,                    /* libraries: a sanitizer's stands among the first */
	NOTES_MAX = 32,                     /* in a segment */
	NAME_SIZE = 32,                     /* of a needed library, as far as it is compared */
	GO_BUILD_ID = 4,
};

/* Runtimes that want to be the first to see libc's functions. */
static const char *const sanitizer_libraries[] = {
	"libasan.so",       "libtsan.so",       "liblsan.so",         "libhwasan.so",
	"libclang_rt.asan", "libclang_rt.tsan", "libclang_rt.hwasan", "libclang_rt.memprof"};
static const char *const sanitizer_functions[] = {"__asan_init", "__tsan_init", "__msan_init", "__lsan_init",
						  "__hwasan_init"};

/* A file read through a window: what stands together is read at once. */
struct window {
	struct elf_source source;
	uint64_t offset;
	size_t size;
	uint8_t bytes[512];
};

/* 0, or -1 when the file has no such bytes. size: at most that of the window. */
static int take(struct window *window, uint64_t offset, void *out_bytes, size_t size)
{
	if (offset < window->offset || offset - window->offset > window->size ||
	    window->size - (offset - window->offset) < size) {
		window->offset = offset;
		long got = window->source.read_at(window->source.file, offset, window->bytes,
						  sizeof window->bytes);
		window->size = got > 0 ? (size_t)got : 0;
		if (window->size < size)
			return -1;
	}
	memcpy(out_bytes, window->bytes + (offset - window->offset), size);
	return 0;
}

/* Up to `size` bytes of a text that ends by zero, which is added; how many of them there were, `size` for a longer one. */
static size_t take_text(struct window *window, uint64_t offset, char *out_text, size_t size)
{
	size_t used = 0;
	while (used < size && take(window, offset + used, out_text + used, 1) == 0 && out_text[used])
		used++;
	out_text[used < size ? used : size - 1] = 0;
	return used;
}

static int take_header(struct window *window, const Elf64_Ehdr *file, unsigned number, Elf64_Phdr *out_header)
{
	return take(window, file->e_phoff + number * sizeof *out_header, out_header, sizeof *out_header);
}

/* Where in the file an address of the loaded program stands; UINT64_MAX when nowhere. */
static uint64_t offset_of(struct window *window, const Elf64_Ehdr *file, uint64_t address)
{
	Elf64_Phdr header;
	for (unsigned i = 0; i < file->e_phnum && take_header(window, file, i, &header) == 0; i++)
		if (header.p_type == PT_LOAD && address >= header.p_vaddr &&
		    address - header.p_vaddr < header.p_filesz)
			return header.p_offset + (address - header.p_vaddr);
	return UINT64_MAX;
}

static uint64_t padded(uint32_t size)
{
	return ((uint64_t)size + 3) & ~UINT64_C(3);
}

static bool has_go_note(struct window *window, const Elf64_Phdr *segment)
{
	uint64_t at = segment->p_offset, left = segment->p_filesz;
	for (int i = 0; i < NOTES_MAX; i++) {
		struct {
			Elf64_Nhdr header;
			char owner[4];
		} note;
		if (left < sizeof note || take(window, at, &note, sizeof note))
			return false;
		if (note.header.n_type == GO_BUILD_ID && note.header.n_namesz == sizeof note.owner &&
		    memcmp(note.owner, "Go\0", sizeof note.owner) == 0)
			return true;
		uint64_t size =
			sizeof note.header + padded(note.header.n_namesz) + padded(note.header.n_descsz);
		if (size > left)
			return false;
		at += size;
		left -= size;
	}
	return false;
}

static bool begins_with_one_of(const char *name, const char *const *beginnings, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(name, beginnings[i], strlen(beginnings[i])) == 0)
			return true;
	return false;
}

static uint32_t gnu_hash(const char *name)
{
	uint32_t hash = 5381;
	while (*name)
		hash = hash * 33 + (uint8_t)*name++;
	return hash;
}

/* The parts of the dynamic section that name what the program exports: file offsets, UINT64_MAX where there is none. */
struct exported {
	uint64_t hash, symbols, names;
};

/* Whether the program defines the name for others, by its hash table: a filter, buckets, chains (as binutils writes
 * DT_GNU_HASH). */
static bool defines(struct window *window, const struct exported *exported, const char *name)
{
	enum { CHAIN_MAX = 64 };
	struct {
		uint32_t buckets, first_symbol, filter_words, filter_shift;
	} table;
	uint32_t hash = gnu_hash(name), symbol, link;
	uint64_t filter;
	if (take(window, exported->hash, &table, sizeof table) || !table.buckets || !table.filter_words ||
	    take(window, exported->hash + sizeof table + hash / 64 % table.filter_words * sizeof filter,
		 &filter, sizeof filter) ||
	    !(filter >> hash % 64 & filter >> (hash >> (table.filter_shift & 31)) % 64 & 1))
		return false;
	uint64_t buckets = exported->hash + sizeof table + table.filter_words * sizeof filter;
	uint64_t chains = buckets + (uint64_t)table.buckets * sizeof symbol;
	if (take(window, buckets + hash % table.buckets * sizeof symbol, &symbol, sizeof symbol) ||
	    symbol < table.first_symbol)
		return false;
	for (int i = 0; i < CHAIN_MAX; i++, symbol++) {
		if (take(window, chains + (uint64_t)(symbol - table.first_symbol) * sizeof link, &link,
			 sizeof link))
			return false;
		Elf64_Sym entry;
		char found[NAME_SIZE];
		if ((link | 1) == (hash | 1) &&
		    take(window, exported->symbols + (uint64_t)symbol * sizeof entry, &entry, sizeof entry) ==
			    0) {
			take_text(window, exported->names + entry.st_name, found, sizeof found);
			if (strcmp(found, name) == 0 && entry.st_shndx != SHN_UNDEF)
				return true;
		}
		if (link & 1) /* the last of its bucket */
			return false;
	}
	return false;
}

static void look_at_dynamic(struct window *window, const Elf64_Ehdr *file, const Elf64_Phdr *segment,
			    struct elf_look *look)
{
	struct exported exported = {UINT64_MAX, UINT64_MAX, UINT64_MAX};
	uint64_t needed[NEEDED_MAX], count = segment->p_filesz / sizeof(Elf64_Dyn);
	size_t needed_count = 0;
	if (count > DYNAMIC_MAX)
		count = DYNAMIC_MAX;
	for (uint64_t i = 0; i < count; i++) {
		Elf64_Dyn entry;
		if (take(window, segment->p_offset + i * sizeof entry, &entry, sizeof entry) ||
		    entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_FLAGS_1)
			look->is_pie_marked = entry.d_un.d_val & DF_1_PIE;
		else if (entry.d_tag == DT_STRTAB)
			exported.names = entry.d_un.d_ptr;
		else if (entry.d_tag == DT_SYMTAB)
			exported.symbols = entry.d_un.d_ptr;
		else if (entry.d_tag == DT_GNU_HASH)
			exported.hash = entry.d_un.d_ptr;
		else if (entry.d_tag == DT_NEEDED && needed_count < NEEDED_MAX)
			needed[needed_count++] = entry.d_un.d_val;
	}
	exported.names = offset_of(window, file, exported.names);
	exported.hash = offset_of(window, file, exported.hash);
	exported.symbols = offset_of(window, file, exported.symbols);
	if (exported.names == UINT64_MAX)
		return;
	for (size_t i = 0; i < needed_count && !look->is_sanitized; i++) {
		char name[NAME_SIZE];
		take_text(window, exported.names + needed[i], name, sizeof name);
		look->is_sanitized = begins_with_one_of(
			name, sanitizer_libraries, sizeof sanitizer_libraries / sizeof *sanitizer_libraries);
	}
	if (exported.hash == UINT64_MAX || exported.symbols == UINT64_MAX)
		return;
	for (size_t i = 0; i < sizeof sanitizer_functions / sizeof *sanitizer_functions; i++)
		look->is_sanitized |= defines(window, &exported, sanitizer_functions[i]);
}

int elf_look(struct elf_source source, struct elf_look *out_look)
{
	struct window window = {.source = source};
	Elf64_Ehdr file;
	if (take(&window, 0, file.e_ident, sizeof file.e_ident) || memcmp(file.e_ident, ELFMAG, SELFMAG) != 0)
		return -1;
	struct elf_look look = {.is_foreign = true};
	if (file.e_ident[EI_CLASS] != ELFCLASS64 || file.e_ident[EI_DATA] != ELFDATA2LSB) {
		*out_look = look;
		return 0;
	}
	if (take(&window, 0, &file, sizeof file) || file.e_phentsize != sizeof(Elf64_Phdr) ||
	    file.e_phnum > HEADERS_MAX)
		return -1;
	look.is_foreign = file.e_machine != EM_X86_64;
	look.is_position_bound = file.e_type == ET_EXEC;
	for (unsigned i = 0; i < file.e_phnum && !look.is_foreign; i++) {
		Elf64_Phdr header;
		if (take_header(&window, &file, i, &header))
			return -1;
		if (header.p_type == PT_INTERP && !look.has_interpreter) {
			look.has_interpreter = true;
			if (take_text(&window, header.p_offset, look.interpreter, sizeof look.interpreter) ==
			    sizeof look.interpreter)
				look.interpreter[0] = 0;
		} else if (header.p_type == PT_NOTE) {
			look.is_go |= has_go_note(&window, &header);
		} else if (header.p_type == PT_DYNAMIC) {
			look_at_dynamic(&window, &file, &header, &look);
		}
	}
	*out_look = look;
	return 0;
}

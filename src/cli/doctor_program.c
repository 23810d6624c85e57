/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a program would be recorded, and its functions named. */
#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>
#include "cli/doctor_checks.h"
#include "cli/run_child.h"
#include "cli/unseen_text.h"
#include "symbol/build_id.h"
#include "symbol/code_module.h"

void doctor_look_at_program(struct finding *finding, const char *command)
{
	struct error error;
	struct run_program program;
	char *library = run_library(&error);
	run_look(&program, command, library);
	free(library);
	if (program_is_unseen(program.kind))
		finding_set(finding, FINDING_LIMITED, unseen_remedy(program.kind), "%s is not recorded: %s",
			    program.path, unseen_why(program.kind));
	else if (program.kind == PROGRAM_FITS)
		finding_set(finding, FINDING_FINE, "", "%s is recorded", program.path);
	else
		finding_set(finding, FINDING_BROKEN, "check the name, or give its path",
			    "%s: no such program", program.path);
}

/* Where in the file its first instruction stands; 0 unknown. */
static uint64_t entry_offset(const char *path)
{
	Elf64_Ehdr file;
	Elf64_Phdr header;
	uint64_t offset = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && pread(fd, &file, sizeof file, 0) == sizeof file)
		for (unsigned i = 0; i < file.e_phnum; i++)
			if (pread(fd, &header, sizeof header, (off_t)(file.e_phoff + i * sizeof header)) ==
				    sizeof header &&
			    header.p_type == PT_LOAD && file.e_entry - header.p_vaddr < header.p_filesz)
				offset = header.p_offset + (file.e_entry - header.p_vaddr);
	if (fd >= 0)
		close(fd);
	return offset;
}

void doctor_look_at_symbols(struct finding *finding, const char *command)
{
	struct run_program program;
	char build_id[BUILD_ID_TEXT_SIZE] = "";
	struct code_frame frame = {0};
	run_look(&program, command, NULL);
	symbol_build_id(program.path, build_id, sizeof build_id);
	struct code_module *module = code_module_open(program.path, build_id);
	size_t count = module ? code_module_find(module, entry_offset(program.path), &frame, 1) : 0;
	if (!module)
		finding_set(finding, FINDING_FINE, "", "%s has no code of its own", program.path);
	else if (count && frame.name_size)
		finding_set(finding, FINDING_FINE, "", "functions of %s have names", program.path);
	else
		finding_set(finding, FINDING_LIMITED,
			    "install its -dbgsym package, or record a build that is not stripped",
			    "%s is stripped: of its functions only exported ones have names", program.path);
	code_module_close(module);
}

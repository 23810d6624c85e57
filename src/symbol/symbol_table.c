/* SPDX-License-Identifier: Apache-2.0 */
#include "symbol/symbol_table.h"
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/memory.h"
#include "symbol/build_id.h"
#include "symbol/symbol_message.h"
#include "symbol/symbol_worker.h"

enum { WORKER_DEATHS_MAX = 16 }; /* then nothing is answered any more */

struct deadly_file {
	char *path, *build_id;
};

struct symbol_table {
	pid_t worker; /* 0: none runs */
	int socket;
	struct symbol_message question, answer;
	struct deadly_file deadly[WORKER_DEATHS_MAX]; /* files that a worker died of */
	size_t deaths;
};

struct symbol_table *symbol_table_create(void)
{
	return memory_allocate(sizeof(struct symbol_table));
}

static void end_worker(struct symbol_table *table)
{
	if (!table->worker)
		return;
	close(table->socket);
	while (waitpid(table->worker, NULL, 0) < 0 && errno == EINTR)
		;
	table->worker = 0;
}

void symbol_table_destroy(struct symbol_table *table)
{
	if (!table)
		return;
	end_worker(table);
	for (size_t i = 0; i < table->deaths; i++) {
		free(table->deadly[i].path);
		free(table->deadly[i].build_id);
	}
	symbol_message_fini(&table->question);
	symbol_message_fini(&table->answer);
	free(table);
}

static bool is_deadly(const struct symbol_table *table, const char *path, const char *build_id)
{
	for (size_t i = 0; i < table->deaths; i++)
		if (strcmp(table->deadly[i].path, path) == 0 &&
		    strcmp(table->deadly[i].build_id, build_id) == 0)
			return true;
	return table->deaths == WORKER_DEATHS_MAX;
}

static bool has_worker(struct symbol_table *table)
{
	if (table->worker)
		return true;
	pid_t pid = symbol_worker_start(&table->socket);
	if (pid > 0)
		table->worker = pid;
	return pid > 0;
}

static bool ask(struct symbol_table *table)
{
	return symbol_message_send(table->socket, &table->question) == 0 &&
	       symbol_message_receive(table->socket, &table->answer) == 0;
}

static size_t read_frames(struct symbol_message *answer, struct symbol_frame *out_frames, size_t max)
{
	size_t count = 0;
	struct symbol_frame frame;
	uint64_t line;
	while (count < max && symbol_message_take_text(answer, &frame.function) &&
	       symbol_message_take_text(answer, &frame.file) && symbol_message_take_number(answer, &line)) {
		frame.line = (uint32_t)line;
		out_frames[count++] = frame;
	}
	return count;
}

size_t symbol_find(struct symbol_table *table, const char *path, const char *build_id, uint64_t file_offset,
		   bool is_return_address, struct symbol_frame *out_frames, size_t max)
{
	size_t path_size = strlen(path), build_id_size = strlen(build_id);
	if (path_size >= PATH_MAX || build_id_size >= BUILD_ID_TEXT_SIZE ||
	    is_deadly(table, path, build_id) || !has_worker(table))
		return 0;
	symbol_message_clear(&table->question);
	symbol_message_put_text(&table->question, path, path_size);
	symbol_message_put_text(&table->question, build_id, build_id_size);
	symbol_message_put_number(&table->question, file_offset - is_return_address);
	symbol_message_put_number(&table->question, max);
	if (ask(table))
		return read_frames(&table->answer, out_frames, max);

	end_worker(table);
	table->deadly[table->deaths++] = (struct deadly_file){
		.path = memory_copy_text(path, path_size),
		.build_id = memory_copy_text(build_id, build_id_size),
	};
	return 0;
}

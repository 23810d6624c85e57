/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/nearest.h"
#include "cli/settings.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { VERBS_MAX = 32 };

static int complain(const struct error *error)
{
	fprintf(stderr, "tickbird: %s\n", error->text);
	return EXIT_CODE_USAGE;
}

static int print(const char *text)
{
	if (fputs(text, stdout) >= 0 && fflush(stdout) == 0)
		return EXIT_CODE_OK;
	fprintf(stderr, "tickbird: standard output: %s\n", strerror(errno));
	return EXIT_CODE_FAILED;
}

static const struct verb *find_verb(const char *name, struct error *out_error)
{
	const char *names[VERBS_MAX];
	size_t count = 0;
	for (const struct verb *verb = verb_table; verb->name; verb++) {
		if (!strcmp(verb->name, name))
			return verb;
		if (count < VERBS_MAX)
			names[count++] = verb->name;
	}
	const char *near = nearest_word(name, strlen(name), names, count);
	if (near)
		error_set(out_error, "there is no verb '%s'; did you mean '%s'?", name, near);
	else
		error_set(out_error, "there is no verb '%s'; see tickbird --help", name);
	return NULL;
}

static int check_words(const struct verb *verb, char *const *words, struct error *out_error)
{
	size_t count = 0;
	while (words[count])
		count++;
	if (count >= verb->words_least && count <= verb->words_most)
		return 0;
	return error_set(out_error, "%s: %s; write it like: tickbird %s [OPTION]... %s", verb->name,
			 count < verb->words_least ? "something is missing" : "too many words", verb->name,
			 verb->words);
}

/* `tickbird help [VERB]` */
static int help(char *const *words)
{
	struct error error;
	if (!words[0])
		return print(verb_program.help);
	const struct verb *verb = find_verb(words[0], &error);
	return verb ? print(verb->help) : complain(&error);
}

/* --help and --version are answered here, whatever else was said. */
static bool is_question(const struct settings *settings)
{
	return settings->help || settings->version;
}

static int answer(const struct verb *verb, const struct settings *settings)
{
	return print(settings->help ? verb->help : "tickbird " TB_VERSION "\n");
}

/* arguments: from the name of the verb on */
static int run_verb(const struct verb *verb, char **arguments)
{
	struct error error;
	struct settings settings;
	char **words;
	int code;
	if (settings_read(&settings, verb, arguments, &words, &error) < 0)
		code = complain(&error);
	else if (is_question(&settings))
		code = answer(verb, &settings);
	else if (check_words(verb, words, &error) < 0)
		code = complain(&error);
	else
		code = verb->function(&settings, words);
	settings_fini(&settings);
	return code;
}

static int run_program(const struct settings *settings, char **words)
{
	if (is_question(settings))
		return answer(&verb_program, settings);
	if (!words[0]) {
		fputs(verb_program.help, stderr);
		return EXIT_CODE_USAGE;
	}
	if (!strcmp(words[0], "help"))
		return help(words + 1);

	struct error error;
	const struct verb *verb = find_verb(words[0], &error);
	return verb ? run_verb(verb, words) : complain(&error);
}

int main(int argc, char **argv)
{
	struct error error;
	struct settings settings;
	char **words;
	if (argc < 1)
		return EXIT_CODE_USAGE;
	int read = settings_read(&settings, &verb_program, argv, &words, &error);
	int code = read < 0 ? complain(&error) : run_program(&settings, words);
	settings_fini(&settings);
	return code;
}

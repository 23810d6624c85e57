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

static int run_verb(const struct verb *verb, struct settings *settings, char **arguments)
{
	struct error error;
	char *const *words;
	if (settings_read(settings, verb, arguments, &words, &error) < 0)
		return complain(&error);
	if (settings->help)
		return print(verb->help);
	if (settings->version)
		return print("tickbird " TB_VERSION "\n");
	if (verb == &verb_program && !words[0]) {
		fputs(verb->help, stderr);
		return EXIT_CODE_USAGE;
	}
	if (verb == &verb_program && !strcmp(words[0], "help"))
		return help(words + 1);
	if (verb != &verb_program) {
		if (check_words(verb, words, &error) < 0)
			return complain(&error);
		return verb->function(settings, words);
	}

	const struct verb *named = find_verb(words[0], &error);
	if (!named)
		return complain(&error);
	struct settings named_settings;
	int code = run_verb(named, &named_settings, arguments + (words - arguments));
	settings_fini(&named_settings);
	return code;
}

int main(int argc, char **argv)
{
	(void)argc;
	struct settings settings;
	int code = run_verb(&verb_program, &settings, argv);
	settings_fini(&settings);
	return code;
}

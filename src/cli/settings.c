/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/settings.h"
#include "base/memory.h"
#include "cli/nearest.h"
#include "cli/quantity.h"
#include "cli/setting.h"
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OPTION_FIRST = 256 }; /* what getopt_long returns for the first setting: above every letter */

static int store_choice(const struct setting *setting, int *value, const char *label, const char *text,
			struct error *out_error)
{
	char all[128] = "";
	for (int i = 0; setting->choices[i]; i++) {
		if (!strcmp(setting->choices[i], text)) {
			*value = i;
			return 0;
		}
		if (i)
			strncat(all, ", ", sizeof all - strlen(all) - 1);
		strncat(all, setting->choices[i], sizeof all - strlen(all) - 1);
	}
	return error_set(out_error, "%s: '%s' is none of %s", label, text, all);
}

static int store_number(const struct setting *setting, uint64_t *value, const char *label, const char *text,
			struct error *out_error)
{
	uint64_t number;
	if (setting->type == SETTING_UINT) {
		if (quantity_read_count(text, &number) < 0)
			return error_set(out_error, "%s: '%s' is not a number", label, text);
	} else if (setting->type == SETTING_SIZE) {
		if (quantity_read_size(text, &number) < 0)
			return error_set(out_error, "%s: '%s' is not a size; write it like 512K, 16M or 1G",
					 label, text);
	} else if (quantity_read_duration(text, &number) < 0) {
		return error_set(out_error, "%s: '%s' is not a duration; write it like 10us, 5ms or 1s",
				 label, text);
	}
	if (number < setting->least)
		return error_set(out_error, "%s: %s is too small; the least is %s", label, text,
				 setting->least_text);
	if (number > setting->most)
		return error_set(out_error, "%s: %s is too much; the most is %s", label, text,
				 setting->most_text);
	*value = number;
	return 0;
}

static int store(const struct setting *setting, struct settings *settings, const char *label,
		 const char *text, struct error *out_error)
{
	void *value = (char *)settings + setting->offset;
	switch (setting->type) {
	case SETTING_FLAG:
		*(bool *)value = true;
		return 0;
	case SETTING_PATH:
		if (!*text)
			return error_set(out_error, "%s: the name of the file is empty", label);
		*(const char **)value = text;
		return 0;
	case SETTING_LIST: {
		struct settings_list *list = value;
		list->items = memory_resize(list->items, list->count + 1, sizeof *list->items);
		list->items[list->count++] = text;
		return 0;
	}
	case SETTING_CHOICE:
		return store_choice(setting, value, label, text, out_error);
	case SETTING_UINT:
	case SETTING_DURATION:
	case SETTING_SIZE:
	case SETTING_MOMENT:
		return store_number(setting, value, label, text, out_error);
	}
	return 0;
}

static int read_environment(struct settings *settings, const struct verb *verb, struct error *out_error)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		const struct setting *setting = &setting_table[i];
		const char *text = setting->environment ? getenv(setting->environment) : NULL;
		if (!(setting->verbs & verb->bit) || !text || !*text)
			continue;
		if (store(setting, settings, setting->environment, text, out_error) < 0)
			return -1;
	}
	return 0;
}

static bool is_option_of(const struct setting *setting, const struct verb *verb)
{
	return setting->verbs & verb->bit && !setting->is_only_environment;
}

static int unknown_option(const struct verb *verb, const char *word, struct error *out_error)
{
	const char *where = verb == &verb_program ? "" : verb->name, *space = *where ? " " : "";
	if (strncmp(word, "--", 2) != 0)
		return error_set(out_error, "there is no option '-%c'; see tickbird %s%s--help", optopt,
				 where, space);

	const char *names[SETTING_COUNT];
	size_t count = 0;
	for (size_t i = 0; i < SETTING_COUNT; i++)
		if (is_option_of(&setting_table[i], verb))
			names[count++] = setting_table[i].name;
	int written = (int)strcspn(word, "=");
	const char *near = nearest_word(word + 2, (size_t)written - 2, names, count);
	if (near)
		return error_set(out_error, "there is no option '%.*s'; did you mean --%s?", written, word,
				 near);
	return error_set(out_error, "there is no option '%.*s'; see tickbird %s%s--help", written, word,
			 where, space);
}

/* One option as getopt_long returned it. */
static int read_option(struct settings *settings, const struct verb *verb, int option, char **arguments,
		       struct error *out_error)
{
	const char *word = arguments[optind - 1];
	if (option == ':')
		return error_set(out_error, "%s needs a value", word);
	if (option == '?' && optopt >= OPTION_FIRST)
		return error_set(out_error, "--%s takes no value", setting_table[optopt - OPTION_FIRST].name);
	if (option == '?')
		return unknown_option(verb, word, out_error);

	const struct setting *setting = &setting_table[option - OPTION_FIRST];
	char label[64] = "--";
	strncat(label, setting->name, sizeof label - 3);
	return store(setting, settings, label, optarg, out_error);
}

static int by_letter(const struct verb *verb, int letter)
{
	for (int i = 0; i < SETTING_COUNT; i++)
		if (is_option_of(&setting_table[i], verb) && setting_table[i].letter == letter)
			return OPTION_FIRST + i;
	return '?';
}

int settings_read(struct settings *settings, const struct verb *verb, char **arguments, char ***out_words,
		  struct error *out_error)
{
	*settings = settings_default;
	if (read_environment(settings, verb, out_error) < 0)
		return -1;

	struct option options[SETTING_COUNT + 1] = {0};
	char letters[2 + 2 * SETTING_COUNT + 1] = "", *letter = letters;
	size_t count = 0;
	if (verb->stops_at_word)
		*letter++ = '+';
	*letter++ = ':';
	for (int i = 0; i < SETTING_COUNT; i++) {
		const struct setting *setting = &setting_table[i];
		if (!is_option_of(setting, verb))
			continue;
		int has_value = setting->type == SETTING_FLAG ? no_argument : required_argument;
		options[count++] = (struct option){setting->name, has_value, NULL, OPTION_FIRST + i};
		if (setting->letter) {
			*letter++ = setting->letter;
			if (has_value)
				*letter++ = ':';
		}
	}

	int argument_count = 0, option;
	while (arguments[argument_count])
		argument_count++;
	optind = 0; /* begin anew: the program's own options were read by the same function */
	opterr = 0;
	while ((option = getopt_long(argument_count, arguments, letters, options, NULL)) != -1) {
		if (option < OPTION_FIRST && option != ':' && option != '?')
			option = by_letter(verb, option);
		if (read_option(settings, verb, option, arguments, out_error) < 0)
			return -1;
	}
	*out_words = arguments + optind;
	return 0;
}

void settings_fini(struct settings *settings)
{
	for (size_t i = 0; i < SETTING_COUNT; i++) {
		if (setting_table[i].type != SETTING_LIST)
			continue;
		struct settings_list *list = (void *)((char *)settings + setting_table[i].offset);
		free(list->items);
		*list = (struct settings_list){0};
	}
}

bool settings_color_wanted(const struct settings *settings, int fd)
{
	switch (settings->color) {
	case COLOR_ALWAYS:
		return true;
	case COLOR_NEVER:
		return false;
	case COLOR_AUTO:
		return !settings->no_color && isatty(fd);
	}
	return false;
}

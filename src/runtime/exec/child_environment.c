/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/exec/child_environment.h"
#include <string.h>

#define BETWEEN " :" /* what parts the libraries of LD_PRELOAD: ld.so(8) */

/* The value, when the entry is that variable's. */
static char *value_of(char *entry, const char *name)
{
	size_t size = strlen(name);
	return strncmp(entry, name, size) == 0 && entry[size] == '=' ? entry + size + 1 : NULL;
}

char *environment_value(char *const *environment, const char *name)
{
	for (; environment && *environment; environment++) {
		char *value = value_of(*environment, name);
		if (value)
			return value;
	}
	return NULL;
}

/* Our library in a list, NULL when it is not there. */
static char *find_library(char *list, const struct kept_environment *kept)
{
	for (;;) {
		list += strspn(list, BETWEEN);
		size_t size = strcspn(list, BETWEEN);
		if (!size)
			return NULL;
		if (size == kept->library_size && memcmp(list, kept->library, size) == 0)
			return list;
		list += size;
	}
}

/* With one separator: that before it, or for the first the one behind it. */
void preload_list_cut(char *list, const struct kept_environment *kept)
{
	char *library;
	while ((library = find_library(list, kept))) {
		char *end = library + kept->library_size;
		if (library > list)
			library--;
		else if (*end)
			end++;
		memmove(library, end, strlen(end) + 1);
	}
}

/* How many of our variables the environment lacks; writes them behind *at when that is not NULL. */
static size_t add_missing(const struct child_environment *plan, char ***at)
{
	size_t count = 0;
	for (unsigned i = 0; i < plan->kept->variable_count; i++) {
		const char *variable = plan->kept->variables[i];
		size_t name_size = strcspn(variable, "=") + 1;
		size_t entry = 0;
		while (entry < plan->count && strncmp(plan->given[entry], variable, name_size) != 0)
			entry++;
		if (entry < plan->count)
			continue;
		count++;
		if (at)
			*(*at)++ = (char *)variable;
	}
	return count;
}

/* The libraries that the loader is told to load. */
static char *last_list(const struct child_environment *plan)
{
	return plan->last_preload < plan->count ? value_of(plan->given[plan->last_preload], PRELOAD_VARIABLE)
						: NULL;
}

static size_t plan_to_add(const struct child_environment *plan)
{
	char *list = last_list(plan);
	size_t missing = add_missing(plan, NULL);
	if (list && find_library(list, plan->kept) && !missing)
		return 0;
	/* one entry more for the end, one for LD_PRELOAD; text: name, =, list, colon, library, zero */
	return (plan->count + missing + 2) * sizeof(char *) + sizeof PRELOAD_VARIABLE +
	       (list ? strlen(list) + 1 : 0) + plan->kept->library_size + 1;
}

static size_t plan_to_remove(const struct child_environment *plan)
{
	size_t text = 0;
	for (size_t i = 0; i < plan->count; i++) {
		char *list = value_of(plan->given[i], PRELOAD_VARIABLE);
		if (list && find_library(list, plan->kept))
			text += strlen(plan->given[i]) + 1;
	}
	return text ? (plan->count + 1) * sizeof(char *) + text : 0;
}

size_t child_environment_plan(struct child_environment *out_plan, const struct kept_environment *kept,
			      char *const *given, enum program_preload preload)
{
	struct child_environment plan = {.kept = kept, .given = given};
	while (given && given[plan.count])
		plan.count++;
	plan.last_preload = plan.count;
	for (size_t i = 0; i < plan.count; i++)
		if (value_of(given[i], PRELOAD_VARIABLE))
			plan.last_preload = i;
	plan.removes = preload == PRELOAD_REMOVE;
	size_t room = plan.removes ? plan_to_remove(&plan) : preload == PRELOAD_ADD ? plan_to_add(&plan) : 0;
	*out_plan = plan;
	return room <= CHILD_ENVIRONMENT_ROOM_MAX ? room : 0;
}

static char *append(char *at, const char *bytes, size_t size)
{
	memcpy(at, bytes, size);
	return at + size;
}

/* LD_PRELOAD with our library in it, as the last if it was not there. */
static char *write_preload(const struct child_environment *plan, char *text)
{
	char *list = last_list(plan), *at = append(text, PRELOAD_VARIABLE "=", sizeof PRELOAD_VARIABLE);
	if (list)
		at = append(at, list, strlen(list));
	if (!list || !find_library(list, plan->kept)) {
		if (list && *list)
			*at++ = ':';
		at = append(at, plan->kept->library, plan->kept->library_size);
	}
	*at = 0;
	return text;
}

static char **make_with(const struct child_environment *plan, char **entries)
{
	size_t missing = add_missing(plan, NULL);
	char **at = entries;
	char *text = write_preload(plan, (char *)(entries + plan->count + missing + 2));
	for (size_t i = 0; i < plan->count; i++)
		*at++ = i == plan->last_preload ? text : plan->given[i];
	if (plan->last_preload == plan->count)
		*at++ = text;
	add_missing(plan, &at);
	*at = NULL;
	return entries;
}

static char **make_without(const struct child_environment *plan, char **entries)
{
	char **at = entries, *text = (char *)(entries + plan->count + 1);
	for (size_t i = 0; i < plan->count; i++) {
		char *list = value_of(plan->given[i], PRELOAD_VARIABLE);
		if (!list || !find_library(list, plan->kept)) {
			*at++ = plan->given[i];
			continue;
		}
		size_t size = strlen(plan->given[i]) + 1;
		memcpy(text, plan->given[i], size);
		preload_list_cut(text + sizeof PRELOAD_VARIABLE, plan->kept);
		if (text[sizeof PRELOAD_VARIABLE])
			*at++ = text;
		text += size;
	}
	*at = NULL;
	return entries;
}

char **child_environment_make(const struct child_environment *plan, void *room)
{
	return plan->removes ? make_without(plan, room) : make_with(plan, room);
}

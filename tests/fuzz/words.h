/* A folder with the few words that count anywhere: the project's 36 languages for each input would be
 * slow. It is made at the first call, and removed at the end. */
#ifndef FUZZ_WORDS_H
#define FUZZ_WORDS_H

#include <stdio.h>
#include <unistd.h>

#include <twoway/flow.h>

static char words_folder[64];

static void remove_words(void)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/any.conf", words_folder);
	unlink(path);
	rmdir(words_folder);
}

static const char *words(void)
{
	static const char text[] =
		"stop = [ \"STOP\" ]; stop_all = [ \"STOP ALL\" ]; start = [ \"START\" ]; help = [ \"HELP\" ];"
		"ambiguous = [ \"END\" ]; courtesy = [ \"please\" ]; signatures = [ \"Sent from\" ];"
		"texts = { join = \"Text {keyword}.\"; left = \"Left {names}.\"; left_number = \"Left.\"; stop_all = \"STOP ALL.\";"
		"left_list = \"Left {names}.\"; back = \"Back {names}.\"; back_number = \"Back.\"; how = \"STOP leaves.\";"
		"which = \"Which {names}?\"; or = \"or\"; and = \"and\";"
#define X(id, name) name " = \"x\";"
		FLOW_HOUSE_TEXTS(X)
#undef X
		"};";
	char path[128];
	FILE *f;

	if (*words_folder)
		return words_folder;
	strcpy(words_folder, "/tmp/fuzz_words.XXXXXX");
	if (!mkdtemp(words_folder))
		abort();
	snprintf(path, sizeof(path), "%s/any.conf", words_folder);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f))
		abort();
	atexit(remove_words);
	return words_folder;
}

#endif

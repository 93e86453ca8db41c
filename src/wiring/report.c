#include "wiring/report.h"

#include <stdarg.h>
#include <stdio.h>

#include "answer/json.h"

static const char *const words[] = {"ok", "warning", "error"};

static void
add_json(struct text *out, enum level level, const char *check, const char *mend,
    const char *text)
{
	json_raw(out, NULL, "{");
	json_str(out, "level", words[level]);
	json_str(out, "check", check);
	json_str(out, "text", text);
	json_text(out, "mend", mend, mend == NULL ? 0 : strlen(mend));
	text_str(out, "}\n");
}

static void
add_line(struct text *out, enum level level, const char *mend, const char *text)
{
	text_str(out, words[level]);
	text_str(out, ": ");
	text_safe(out, text, strlen(text));
	if (mend != NULL) {
		text_str(out, ": ");
		text_safe(out, mend, strlen(mend));
	}
	text_str(out, "\n");
}

void
report_say(struct report *report, enum level level, const char *check, const char *mend,
    const char *format, ...)
{
	char text[4096];
	va_list ap;

	report->count[level]++;
	if (report->quiet && level != LEVEL_ERROR)
		return;
	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (report->json)
		add_json(&report->text, level, check, mend, text);
	else
		add_line(&report->text, level, mend, text);
}

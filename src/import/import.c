/* import.c - the lines of output, in the order of the lines they come from. */
#include "import/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "import/secret.h"
#include "base/utf8.h"
#include "program/say.h"

static const struct import_format *const formats[] = {
    &import_postfix, &import_qmail, &import_sendmail, &import_exim, &import_tmail};
enum { FORMATS = sizeof(formats) / sizeof(*formats) };

const struct import_format *
import_format(const char *name)
{
	for (int i = 0; i < FORMATS; i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *
import_format_names(void)
{
	return "postfix, qmail, sendmail, exim or tmail";
}

struct foreign *
import_file(struct import *import, const char *kind)
{
	for (int i = 0; i < IMPORT_FILES; i++)
		if (import->files[i].path != NULL && strcmp(import->files[i].kind, kind) == 0)
			return &import->files[i];
	return NULL;
}

void
refs_add(struct refs *refs, struct foreign_line *line)
{
	if (line == NULL)
		return;
	for (size_t i = 0; i < refs->count; i++)
		if (refs->list[i] == line)
			return;
	if (refs->count < IMPORT_REFS)
		refs->list[refs->count++] = line;
}

static void
add_entry(struct import *import, struct foreign_line *line, struct slice text, bool report)
{
	import->entries =
	    mem_grow(import->entries, import->count, &import->capacity, sizeof(*import->entries));
	import->entries[import->count] = (struct import_entry){line, text, report, import->count};
	import->count++;
}

void
import_statement(struct import *import, const struct refs *refs, struct slice text)
{
	for (size_t i = 0; i < refs->count; i++) {
		struct foreign_line *line = refs->list[i];

		line->used = true;
		text = arena_printf(&import->arena, "%.*s%s%s:%u", (int)text.len, text.ptr,
		    i == 0 ? " # " : " ", line->file->kind, line->number);
	}
	add_entry(import, refs->count == 0 ? NULL : refs->list[0], text, false);
}

/* A comment's text: what other people's files hold acts on no terminal and ends no line. */
static struct slice __attribute__((format(printf, 2, 0)))
comment_text(struct import *import, const char *format, va_list ap)
{
	char text[1024];
	int n = vsnprintf(text, sizeof(text), format, ap);
	size_t len = n < 0 ? 0 : (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1;

	return arena_copy(&import->arena, slice(text, utf8_disarm(text, len)));
}

void
import_report(struct import *import, struct foreign_line *line, const char *format, ...)
{
	const struct told *told;
	struct told *last;
	struct slice text;
	va_list ap;

	va_start(ap, format);
	text = comment_text(import, format, ap);
	va_end(ap);
	import->incomplete = true;
	for (told = line->told; told != NULL; told = told->before)
		if (slice_eq(told->text, text))
			return;
	last = arena_alloc(&import->arena, sizeof(*last));
	*last = (struct told){text, line->told};
	line->told = last;
	add_entry(import, line, text, true);
}

void
import_remark(struct import *import, struct foreign_line *line, const char *format, ...)
{
	struct slice text;
	va_list ap;

	va_start(ap, format);
	text = comment_text(import, format, ap);
	va_end(ap);
	line->used = true;
	add_entry(import, line, arena_printf(&import->arena, "# %s:%u: %.*s", line->file->kind,
	    line->number, (int)text.len, text.ptr), false);
}

void
import_note(struct import *import, const char *format, ...)
{
	struct slice text;
	va_list ap;

	va_start(ap, format);
	text = comment_text(import, format, ap);
	va_end(ap);
	add_entry(import, NULL, arena_printf(&import->arena, "# %.*s", (int)text.len, text.ptr),
	    false);
}

/* Each file's lines that are not about routing, as one. */
static void
count_aside(struct import *import)
{
	for (int i = 0; i < IMPORT_FILES; i++) {
		struct foreign *file = &import->files[i];
		struct foreign_line *first = NULL;
		size_t n = 0;

		for (size_t k = 0; k < file->count; k++)
			if (file->lines[k].aside && n++ == 0)
				first = &file->lines[k];
		if (n > 0)
			add_entry(import, first, arena_printf(&import->arena,
			    n == 1 ? "# %zu line of %s is not about routing"
			    : "# %zu lines of %s are not about routing", n, file->kind), false);
	}
}

/* Lines that a reader made nothing of are no loss in silence either. */
static void
report_rest(struct import *import)
{
	for (int i = 0; i < IMPORT_FILES; i++)
		for (size_t k = 0; k < import->files[i].count; k++) {
			struct foreign_line *line = &import->files[i].lines[k];

			if (!line->used && !line->aside && line->told == NULL)
				import_report(import, line, "there is nothing in it to be said");
		}
}

/* By file and line, those of no file first; what belongs to one line stays in its order. */
static int
compare_entries(const void *a, const void *b)
{
	const struct import_entry *x = a, *y = b;
	uintptr_t of_x = x->line == NULL ? 0 : (uintptr_t)x->line->file;
	uintptr_t of_y = y->line == NULL ? 0 : (uintptr_t)y->line->file;

	if (of_x != of_y)
		return of_x < of_y ? -1 : 1;
	if (of_x != 0 && x->line->number != y->line->number)
		return x->line->number < y->line->number ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

static void
print_entry(const struct import_entry *entry, bool quiet)
{
	const struct foreign_line *line = entry->line;
	const char *what = line == NULL || line->used ? "clash" : "not imported";

	if (!entry->report) {
		fwrite(entry->text.ptr, 1, entry->text.len, stdout);
		fputc('\n', stdout);
		return;
	}
	printf("# %s: %s:%u: %.*s\n", what, line->file->kind, line->number, (int)entry->text.len,
	    entry->text.ptr);
	if (!quiet)
		cli_say("%s:%u: %s: %.*s", line->file->path, line->number, what,
		    (int)entry->text.len, entry->text.ptr);
}

int
import_run(const struct import_format *format, struct import *import, bool quiet)
{
	int code = 0;

	names_init(&import->secret_names, 1, 1);
	for (int i = 0; i < IMPORT_FILES && code == 0 && !format->database; i++)
		if (import->files[i].path != NULL)
			code = foreign_read(&import->files[i]);
	if (code == 0)
		code = format->run(import);
	if (code == 0)
		code = secrets_write(import);
	if (code != 0)
		return code;
	report_rest(import);
	count_aside(import);
	if (import->count > 0)
		qsort(import->entries, import->count, sizeof(*import->entries), compare_entries);
	for (size_t i = 0; i < import->count; i++)
		print_entry(&import->entries[i], quiet);
	return cli_finish(import->incomplete ? EXIT_NO : 0);
}

void
import_release(struct import *import)
{
	for (int i = 0; i < IMPORT_FILES; i++) {
		free(import->files[i].lines);
		sources_release(&import->files[i].sources);
	}
	free(import->entries);
	names_release(&import->secret_names);
	free(import->passwords);
	arena_release(&import->arena);
}

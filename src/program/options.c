#include "program/options.h"

#include <string.h>

#include "base/mask.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "program/hide.h"
#include "program/say.h"
#include "store/memory.h"

bool
cli_is_named(const char *names, const char *name, size_t len)
{
	while (*names != '\0') {
		size_t n = strcspn(names, " ");

		if (n == len && memcmp(names, name, n) == 0)
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

static const struct cli_option *
find_option(const struct cli_option *options, const char *name, size_t len)
{
	for (; options != NULL && options->names != NULL; options++)
		if (cli_is_named(options->names, name, len))
			return options;
	return NULL;
}

/* Offers the names that are longer than a letter and no second way to write another. */
static void
offer_names(struct nearest *nearest, const struct cli_option *options)
{
	for (; options != NULL && options->names != NULL; options++)
		for (const char *p = options->names; *p != '\0'; p += strspn(p, " ")) {
			size_t n = strcspn(p, " ");

			if (n > 1 && strcspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") >= n)
				nearest_offer(nearest, slice(p, n));
			p += n;
		}
}

/* The words of routes.conf and of `tmail deliver`, and what options are called instead. */
static const char *
called(struct slice name)
{
	static const char *const words[][2] = {{"to", "destination"},
	    {"recipient", "destination"}, {"user", "smtp-user"}, {"from", "mail-from"},
	    {"sender", "mail-from"}, {"via", "remote-host"}, {"host", "remote-host"},
	    {"port", "remote-port"}, {"local", "local-ip"}, {"login", "remote-login"},
	    {"password", "remote-passwd"}, {"pass", "remote-passwd"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (slice_is(name, words[i][0]))
			return words[i][1];
	return NULL;
}

/* '-w=2' and '-rp587': the length of the name that the value is joined to; 0: none. */
static size_t
joined_name(struct slice name, const struct cli_option *options, const struct cli_option *common)
{
	const struct cli_option *option;
	size_t len = name.len;

	while (len > 0 && name.ptr[len - 1] >= '0' && name.ptr[len - 1] <= '9')
		len--;
	if (len == 0 || (len == name.len && name.ptr[len] != '='))
		return 0;
	option = find_option(options, name.ptr, len);
	if (option == NULL)
		option = find_option(common, name.ptr, len);
	return option == NULL || option->flag == CLI_FLAG ? 0 : len;
}

/* Of two letters, one is half the name: '-rl' is no slip of '-rh', but '-hr' is. */
static void
find_nearest(struct nearest *nearest, struct slice name, const struct cli_option *options,
    const struct cli_option *common)
{
	const char swapped[] = {name.ptr[name.len > 1], name.ptr[0]};

	nearest_init(nearest, name);
	if (name.len == 2)
		nearest->limit = 1;
	offer_names(nearest, options);
	offer_names(nearest, common);
	if (nearest->found.ptr != NULL || name.len != 2)
		return;
	nearest->word = slice(swapped, 2);
	offer_names(nearest, options);
	offer_names(nearest, common);
	nearest->word = name;
}

/* Whatever stands in or behind an option that nobody knows may be a password. */
static int
refuse_option(char **argv, int i, struct slice name, const struct cli_option *options,
    const struct cli_option *common)
{
	size_t dashes = (size_t)(name.ptr - argv[i]), len = dashes + name.len;
	size_t begin = hide_begin(argv, i), joined = joined_name(name, options, common);
	struct nearest nearest;
	const char *other = called(name);

	if (len > begin)
		return cli_usage("unknown option '%.*s%s'", (int)begin, argv[i], SECRET_MASK);
	if (joined > 0)
		return cli_usage("the value of '-%.*s' is the next argument", (int)joined, name.ptr);
	find_nearest(&nearest, name, options, common);
	if (other != NULL && find_option(options, other, strlen(other)) != NULL)
		nearest.found = slice_str(other);
	if (nearest.found.ptr == NULL)
		return cli_usage("unknown option '%.*s'", (int)len, argv[i]);
	return cli_usage("unknown option '%.*s': did you mean '%.*s%.*s'?", (int)len, argv[i],
	    (int)dashes, argv[i], (int)nearest.found.len, nearest.found.ptr);
}

static bool
is_given(const struct cli_option *option)
{
	if (option->flag == CLI_VALUES)
		return false;
	return option->flag == CLI_FLAG ? *(bool *)option->value : *(const char **)option->value != NULL;
}

static void
set_value(const struct cli_option *option, const char *value)
{
	struct cli_values *values = option->value;

	if (option->flag == CLI_VALUE) {
		*(const char **)option->value = value;
		return;
	}
	values->list = mem_resize(values->list, values->count + 1, sizeof(*values->list));
	values->list[values->count++] = value;
}

/* Reads the option at argv[*i], and its value; moves *i to the last word used. */
static int
read_option(int argc, char **argv, int *i, const struct cli_option *options,
    const struct cli_option *common)
{
	const char *word = argv[*i], *name = word + 1 + (word[1] == '-');
	const char *equals = strchr(name, '=');
	size_t len = equals == NULL ? strlen(name) : (size_t)(equals - name);
	const struct cli_option *option = find_option(options, name, len);

	if (option == NULL)
		option = find_option(common, name, len);
	/* A short option takes one dash, and its value is the next argument. */
	if (option == NULL || len == 0 || (len == 1 && (word[1] == '-' || equals != NULL)))
		return refuse_option(argv, *i, slice(name, len), options, common);
	if (is_given(option))
		return cli_usage("option '%.*s' is given twice", (int)(name - word + (ptrdiff_t)len),
		    word);
	if (option->flag == CLI_FLAG) {
		if (equals != NULL)
			return cli_usage("option '%.*s' takes no value", (int)(equals - word), word);
		*(bool *)option->value = true;
		return 0;
	}
	if (equals == NULL && *i + 1 >= argc)
		return cli_usage("option '%s' wants a value", word);
	set_value(option, equals != NULL ? equals + 1 : argv[++*i]);
	return 0;
}

/* A dash that an editor has made of two, or a page of one; the word may be half a password. */
static int
refuse_dash(const char *word)
{
	struct slice first = utf8_first(slice_str(word));
	const char *odd = utf8_lookalike(first);

	if (odd == NULL || strstr(odd, "'-'") == NULL)
		return 0;
	return cli_usage("a word begins with %s", odd);
}

int
cli_parse(int argc, char **argv, const struct cli_option *options,
    const struct cli_option *common, int *operands)
{
	int n = 0;

	for (int i = 1; i < argc; i++) {
		int code;

		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[1 + n++] = argv[i];
			break;
		}
		code = refuse_dash(argv[i]);
		if (code != 0)
			return code;
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[1 + n++] = argv[i];
			continue;
		}
		code = read_option(argc, argv, &i, options, common);
		if (code != 0)
			return code;
	}
	*operands = n;
	return 0;
}

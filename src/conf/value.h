/*
 * value.h - one written word to one value: quoted strings, paths, hosts.
 * Every function reports what is wrong, at its place, and then returns false.
 */
#ifndef CONF_VALUE_H
#define CONF_VALUE_H

#include "conf/conf.h"

static inline struct span
item_span(struct item item)
{
	return span(item.pos, item_end(item));
}

/*
 * value_text - the bytes a word stands for: a bare word as it is (a slice of
 * the source), a string with its escapes undone (in conf->arena).
 */
bool value_unquote(struct conf *conf, const struct source *source, struct item item,
    struct slice *text);

static inline bool
value_text(struct conf *conf, const struct source *source, struct item item, struct slice *text)
{
	if ((item_flags(item) & ITEM_QUOTED) != 0)
		return value_unquote(conf, source, item, text);
	*text = slice(source_text(source, item.pos), item_length(item));
	return true;
}

/* Bytes inside the word that the text came from; exact for bare words. */
struct span value_part(const struct source *source, struct item item, struct slice text,
    struct slice part);

/* Whether a byte of it is below 0x20 or DEL. */
bool value_has_control(struct slice text);

/* A path for an include or a list: NUL-terminated, no control bytes. */
bool value_path(struct conf *conf, const struct source *source, struct item item,
    struct slice *path);

/* Where a relay or `via` leads. */
struct host {
	enum { HOST_NAME, HOST_IP4, HOST_IP6, HOST_MX, HOST_MX_OF, HOST_RELAY } kind;
	struct slice name;	/* folded; of HOST_RELAY: the relay's name */
	bool has_port;
	uint16_t port;
	struct span at;
	uint32_t string;	/* 1 + the place of the name among the model's; 0: not there yet */
};

/* A word behind `via`: most routes differ in their patterns only. */
struct via {
	bool read;
	struct host host;	/* if it was read */
	uint32_t hop;		/* without options; NO_HOP: not judged yet */
	uint32_t target;	/* the same; NO_TARGET */
};
#define NO_HOP 0xffffffffu
#define NO_TARGET 0xffffffffu

/* All take `mx` and `mx:DOMAIN`, and `via` takes `@NAME`, too. */
enum host_of { HOST_OF_RELAY, HOST_OF_EXPECT, HOST_OF_VIA };
bool value_host(struct conf *conf, const struct source *source, struct item item,
    enum host_of of, struct host *host);

static inline bool
host_is_mx(const struct host *host)
{
	return host->kind == HOST_MX || host->kind == HOST_MX_OF;
}

/* The span of the keyword in front of an option's or selector's value at pos. */
struct span value_keyword(const struct source *source, uint32_t pos);

#endif

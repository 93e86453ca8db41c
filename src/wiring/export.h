/* export.h - what tmail routes export postfix prints. */
#ifndef WIRING_EXPORT_H
#define WIRING_EXPORT_H

#include "wiring/cf.h"

struct exporting {
	const struct transports *transports;
	const struct sockets *sockets;
	bool main, master;	/* which of the two files */
	const char *chroot;	/* the column of master.cf */
};

/* They add the whole output, with the end of its last line. */
void export_text(const struct exporting *exporting, struct text *text);
void export_json(const struct exporting *exporting, struct text *text);

#endif

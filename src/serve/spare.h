/* spare.h - buffers for the requests of clients, kept for the next one that needs one. */
#ifndef SERVE_SPARE_H
#define SERVE_SPARE_H

#include <stddef.h>

/* Set the size; the rest zero. */
struct spare {
	struct spare_buffer *first;
	size_t size;		/* of each */
};

/* spare_take - NULL: there is no memory. */
char *spare_take(struct spare *spare);

/* spare_give - takes it back, if it is one; *buffer is NULL then. */
void spare_give(struct spare *spare, char **buffer);

void spare_release(struct spare *spare);

#endif

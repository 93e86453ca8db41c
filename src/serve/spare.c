#include "serve/spare.h"

#include <stdlib.h>

struct spare_buffer {
	struct spare_buffer *next;
};

char *
spare_take(struct spare *spare)
{
	struct spare_buffer *buffer = spare->first;

	if (buffer == NULL)
		return malloc(spare->size);
	spare->first = buffer->next;
	return (char *)buffer;
}

void
spare_give(struct spare *spare, char **buffer)
{
	struct spare_buffer *given = (struct spare_buffer *)(void *)*buffer;

	if (given == NULL)
		return;
	given->next = spare->first;
	spare->first = given;
	*buffer = NULL;
}

void
spare_release(struct spare *spare)
{
	while (spare->first != NULL) {
		struct spare_buffer *buffer = spare->first;

		spare->first = buffer->next;
		free(buffer);
	}
}

/* screen.h - where text for people goes, and how it may look there. */
#ifndef BASE_SCREEN_H
#define BASE_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

struct screen {
	FILE *file;
	bool colour;
	unsigned columns;	/* of a terminal's window; 0: as wide as need be */
};

#endif

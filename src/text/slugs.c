#include "text/slugs.h"

#define ROW(severity, number, name, help) [SLUG_##number] = {SEVERITY_##severity, name, help},

const struct slug_row slugs[SLUG_COUNT] = {SLUGS(ROW)};

#include "tmail/routes.h"

TMAIL_API const char *
tmail_status_text(enum tmail_status status)
{
	switch (status) {
	case TMAIL_OK:
		return "success";
	case TMAIL_NO_ROUTE:
		return "no route matches, the mail follows the MX records";
	case TMAIL_E_MISSING:
		return "the route index does not exist";
	case TMAIL_E_PERMISSION:
		return "the route index may not be read";
	case TMAIL_E_IO:
		return "the route index cannot be read";
	case TMAIL_E_MEMORY:
		return "out of memory";
	case TMAIL_E_FORMAT:
		return "the file is no route index";
	case TMAIL_E_VERSION:
		return "the route index has another format version";
	case TMAIL_E_DAMAGED:
		return "the route index is damaged";
	case TMAIL_E_ARGUMENT:
		return "a call broke the library's contract";
	case TMAIL_E_SPACE:
		return "the caller's array is too small";
	}
	return "unknown status";
}

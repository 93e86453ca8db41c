#include "program/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "program/beside.h"

/*
 * OpenSSL looks up thousands of its own names when it is loaded: among itself first, rather than
 * in this program and the C library.  Not so where something is preloaded, which is to come
 * before all, as what counts or checks memory; nor can a sanitizer do with it.
 */
static int
order(void)
{
#if defined(RTLD_DEEPBIND) && !defined(__SANITIZE_ADDRESS__)
	if (getenv("LD_PRELOAD") == NULL && access("/etc/ld.so.preload", F_OK) != 0)
		return RTLD_DEEPBIND;
#endif
	return 0;
}

/* Where a file begins are the names by which it was linked, which are not asked for again soon: the
 * page cache keeps them, this process need not. */
static int
leave_names(struct dl_phdr_info *info, size_t size, void *arg)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	(void)size;
	(void)arg;
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		uintptr_t begin = info->dlpi_addr + part->p_vaddr;

		if (part->p_type != PT_LOAD)
			continue;
		if (part->p_flags == PF_R && part->p_offset == 0)
			(void)madvise((void *)(begin & -page), part->p_filesz, MADV_DONTNEED);
		break;
	}
	return 0;
}

const void *
module_load(const char *name, const char *symbol, const char **why)
{
	const void *found = NULL;
	static char missing[256];
	char path[PATH_MAX];
	void *object;

	if (!beside_find(name, path, sizeof(path))) {
		snprintf(missing, sizeof(missing), "%s: %s", name, strerror(errno));
		*why = missing;
		return NULL;
	}
	object = dlopen(path, RTLD_NOW | RTLD_LOCAL | order());
	if (object != NULL)
		found = dlsym(object, symbol);
	*why = found == NULL ? dlerror() : NULL;
	dl_iterate_phdr(leave_names, NULL);
	return found;
}

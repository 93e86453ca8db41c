#include "publish/trust.h"

#include <unistd.h>

bool
trust_owner(uid_t owner)
{
	return owner == 0 || owner == geteuid();
}

bool
trust_shared(const struct stat *directory)
{
	return (directory->st_mode & (S_IWGRP | S_IWOTH)) != 0 || !trust_owner(directory->st_uid);
}

bool
trust_file(const struct stat *file, uid_t owner)
{
	return (trust_owner(file->st_uid) || file->st_uid == owner) && file->st_nlink == 1;
}

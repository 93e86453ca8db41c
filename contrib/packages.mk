# packages.mk - the package of Debian: made, and tried in clean roots.

# What a package's build tests: it wants neither root, nor a network, nor servers, nor tools that
# are large.
BUILD_SUITES = check del expect fmt lookup names number relay routing set vectors verify
BUILD_UNITS = $(filter-out $(ROOTED),$(UNIT:%=$(B)/tests/%))

.PHONY: check-build deb check-deb

check-build: all $(BUILD_UNITS)
	@BUILD='$(B)' TMAIL='$(B)/tmail' tests/run $(BUILD_SUITES:%=tests/cli/%.bats) $(BUILD_UNITS)

# Into build/deb, with the tarball that it is made of.
deb:
	@contrib/deb $(B)/deb

# Two builds compared, then the packages in a clean root.  As root.
check-deb:
	@tests/deb/run

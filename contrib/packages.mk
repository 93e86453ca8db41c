# packages.mk - the package of Debian and the image of a container: made, and tried in clean roots.

# What a package's build tests: it wants neither root, nor a network, nor servers, nor tools that
# are large.
BUILD_SUITES = check del expect fmt lookup names number relay routing set vectors verify
BUILD_UNITS = $(filter-out $(ROOTED),$(UNIT:%=$(B)/tests/%))

.PHONY: check-build deb check-deb check-oci

check-build: all $(BUILD_UNITS)
	@BUILD='$(B)' TMAIL='$(B)/tmail' tests/run $(BUILD_SUITES:%=tests/cli/%.bats) $(BUILD_UNITS)

# Into build/deb, of what make dist makes.
deb: dist
	@contrib/deb $(B)/deb $(B)/dist/tmail-$(VERSION).tar.gz

# Both as root, with debootstrap, in roots of RELEASE; check-oci by buildah where it is installed.
RELEASE = bookworm
check-deb:
	@tests/deb/run $(RELEASE)

check-oci: $(B)/tmail
	@tests/deb/image $(RELEASE)

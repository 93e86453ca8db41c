# make dist: the tarball of a release, what is in it and in what is built from it, and their
# checksums.  The same bytes wherever the same tools make it: ../VERIFY.md.

DIST = $(B)/dist
EPOCH = $(or $(SOURCE_DATE_EPOCH),$(shell date -u -d $(RELEASED) +%s))

.PHONY: dist
dist: $(B)/all-needs
	@contrib/dist/tarball '$(DIST)' 'tmail-$(VERSION)' '$(EPOCH)'
	@cd '$(DIST)' && sha256sum 'tmail-$(VERSION)'.* >SHA256SUMS && cat SHA256SUMS

# checkpoint.mk: the system as of a chapter of docs/ (include/ascent/chapters.def).
#
# `make checkpoint N=13` builds build/checkpoint/13.img from the same sources, without what later
# chapters explain, and boots it. The objects are kept: another N compiles only what differs.

CHECKPOINT := build/checkpoint
CHECKPOINT_SOURCES := stage2/checkpoint.c stage2/pm/checkpoint.c kernel/boot/checkpoint.c
N ?=

# The sources of a folder; those that end a checkpoint are of checkpoints alone.
built = $(filter-out $(if $(CHAPTER),,$(CHECKPOINT_SOURCES)),$(wildcard $(1)))

checkpoint: setup-build setup-run ## build and boot the system as of a chapter: make checkpoint N=13
	@$(MAKE) --no-print-directory checkpoint-image
	@scripts/run $(CHECKPOINT)/$$(printf %02d $(N)).img

checkpoint-image: setup-build
	@scripts/checkpoint-header $(N) >/dev/null
	@$(MAKE) --no-print-directory $(B)/initrd-user.cpi
	@$(MAKE) --no-print-directory B=$(CHECKPOINT) CHAPTER=$(N) INITRD=$(abspath $(B))/initrd-user.cpi \
	    DISK=$(CHECKPOINT)/$$(printf %02d $(N)).img $(CHECKPOINT)/$$(printf %02d $(N)).img

ifneq ($(CHAPTER),)
$(CHECKPOINT_HEADER): ALWAYS
	@mkdir -p $(@D)
	$(Q)scripts/checkpoint-header $(CHAPTER) > $@.new && \
	    { cmp -s $@.new $@ && rm $@.new || mv $@.new $@; }
endif

.PHONY: checkpoint checkpoint-image

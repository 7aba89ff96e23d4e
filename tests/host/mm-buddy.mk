# mm-buddy.mk: the early allocator, the search for memory that is not there, page descriptors and the
# buddy allocator on this machine.

HOST_TESTS += early buddy probe

EARLY_CORE := kernel/mm/early.c kernel/mm/page.c
$(HOST)/test_buddy: BUDDY_CORE := kernel/mm/buddy.c

$(HOST)/test_early $(HOST)/test_buddy: $(HOST)/test_%: tests/host/test_%.c $(EARLY_CORE) kernel/mm/buddy.c \
        $(wildcard kernel/mm/*.h tests/host/*.h tests/host/fake/*.h tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $< $(EARLY_CORE) $(BUDDY_CORE) -lcmocka -o $@

$(HOST)/test_probe: tests/host/test_probe.c kernel/mm/probe.c $(EARLY_CORE) $(wildcard kernel/mm/*.h \
        tests/host/*.h tests/host/fake/*.h tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) -Wno-format $(filter %.c,$^) -lcmocka -o $@

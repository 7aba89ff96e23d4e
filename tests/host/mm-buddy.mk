# mm-buddy.mk: the early allocator, page descriptors and the buddy allocator on this machine.

HOST_TESTS += early buddy

BUDDY_CORE := kernel/mm/early.c kernel/mm/page.c kernel/mm/buddy.c

$(HOST)/test_early $(HOST)/test_buddy: $(HOST)/test_%: tests/host/test_%.c $(BUDDY_CORE) \
        $(wildcard kernel/mm/*.h tests/host/*.h tests/host/fake/*.h tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $< $(BUDDY_CORE) -lcmocka -o $@

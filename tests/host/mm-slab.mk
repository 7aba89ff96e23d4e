# mm-slab.mk: slab caches and kmalloc on this machine, on the real buddy allocator.

HOST_TESTS += slab kmalloc

SLAB_CORE := kernel/mm/slab.c kernel/mm/slab_debug.c kernel/mm/kmalloc.c
SLAB_BELOW := kernel/mm/early.c kernel/mm/page.c kernel/mm/buddy.c

$(HOST)/test_slab $(HOST)/test_kmalloc: $(HOST)/test_%: tests/host/test_%.c $(SLAB_CORE) \
        $(SLAB_BELOW) $(wildcard kernel/mm/*.h tests/host/*.h tests/host/fake/*.h \
        tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $< $(SLAB_CORE) $(SLAB_BELOW) -lcmocka -o $@

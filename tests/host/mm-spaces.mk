# mm-spaces.mk: address spaces of processes, on the real page tables, buddy allocator and slab caches.

HOST_TESTS += address_space address_space_random clock swap
SPACE_SOURCES := $(addprefix kernel/mm/,vma.c areas.c mmap.c mprotect.c mremap.c brk.c madvise.c \
        mm_struct.c user_pages.c page_view.c file_cut.c fault.c paging.c pgtable.c space.c tlb_gather.c table_frames.c \
        early.c page.c buddy.c slab.c slab_debug.c reclaim.c clock.c swap_slots.c swap_cache.c swap_io.c \
        swap_on.c swap_off.c shmem.c mlock.c) kernel/fs/page_tree.c kernel/lib/crc32.c

$(HOST)/test_swap $(HOST)/test_address_space $(HOST)/test_address_space_random $(HOST)/test_clock: $(HOST)/test_%: tests/host/test_%.c \
        $(SPACE_SOURCES) $(wildcard kernel/mm/*.h kernel/fs/*.h tests/host/fake/*.h \
        tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $(filter %.c,$^) -lcmocka -o $@

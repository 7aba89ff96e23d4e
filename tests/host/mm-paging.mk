# mm-paging.mk: page tables and areas of linear addresses, which touch no hardware.

HOST_TESTS += paging paging_random vm_area
PAGING_SOURCES := $(addprefix kernel/mm/,paging.c pgtable.c space.c tlb_gather.c)

$(HOST)/test_paging $(HOST)/test_paging_random: $(HOST)/test_%: tests/host/test_%.c \
        $(PAGING_SOURCES) $(wildcard kernel/mm/*.h) tests/host/fake/table_memory.h \
        $(wildcard tests/host/fake/mm/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $(filter %.c,$^) -lcmocka -o $@

$(HOST)/test_vm_area: tests/host/test_vm_area.c kernel/mm/vm_area.c kernel/mm/vm_area.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $< kernel/mm/vm_area.c -lcmocka -o $@

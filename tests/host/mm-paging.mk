# mm-paging.mk: page tables and areas of linear addresses, which touch no hardware.

HOST_TESTS += paging paging_random vm_area
PAGING_SOURCES := $(wildcard kernel/mm/paging*.c)

$(HOST)/test_paging $(HOST)/test_paging_random: $(HOST)/test_%: tests/host/test_%.c \
        $(PAGING_SOURCES) $(wildcard kernel/mm/paging*.h) tests/host/fake/table_memory.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $(filter %.c,$^) -lcmocka -o $@

$(HOST)/test_paging_random: kernel/mm/tlb_range.c kernel/mm/tlb.h

$(HOST)/test_vm_area: tests/host/test_vm_area.c kernel/mm/vm_area.c kernel/mm/vm_area.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $< kernel/mm/vm_area.c -lcmocka -o $@

# block-layer.mk: block devices and partition tables on this machine, over a disk in memory.

HOST_TESTS += block ata_identity

BLOCK_CORE := kernel/block/block.c kernel/block/add.c kernel/block/partition.c

$(HOST)/test_block: tests/host/test_block.c $(BLOCK_CORE) $(wildcard kernel/block/*.h tests/host/*.h \
        tests/host/fake/*.h tests/host/fake/*/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) -Wno-pointer-to-int-cast $(filter %.c,$^) -lcmocka -o $@

$(HOST)/test_ata_identity: tests/host/test_ata_identity.c kernel/dev/ata_identity.c \
        kernel/dev/ata_identity.h tests/host/cmocka_test.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_MM_FLAGS) $(filter %.c,$^) -lcmocka -o $@

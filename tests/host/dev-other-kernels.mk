# dev-other-kernels.mk: kernels that are not ours, over the machine of loader_machine.h.

HOST_TESTS += other
FUZZERS += other
OTHER_HANDED := stage2/pm/multiboot_info.c stage2/pm/linux_params.c

$(HOST)/test_other: tests/host/test_other.c $(LOADER_DISK) $(OTHER_HANDED) \
    $(wildcard tests/host/*.h stage2/*.h) tests/host/dev-other-kernels.mk
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(LOADER_FLAGS) $(LOADER_HIGH) $< $(LOADER_DISK) $(OTHER_HANDED) -lcmocka -o $@

$(HOST)/fuzz_other: tests/host/fuzz_other.c $(LOADER_DISK) $(OTHER_HANDED) \
    $(wildcard tests/host/*.h stage2/*.h) tests/host/dev-other-kernels.mk
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer $(LOADER_FLAGS) $(LOADER_HIGH) \
	    -Wno-void-pointer-to-int-cast $< $(LOADER_DISK) $(OTHER_HANDED) -o $@

# dev-lz4.mk: the loader's LZ4, tested against the tool, and fuzzed.

HOST_TESTS += lz4
FUZZERS += lz4
LOADER_LZ4 := stage2/pm/lz4.c stage2/pm/xxhash32.c

$(HOST)/test_lz4: tests/host/test_lz4.c $(LOADER_LZ4) stage2/error_detail.c stage2/boot.c stage2/lz4.h \
    tests/host/dev-lz4.mk
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $< $(LOADER_LZ4) stage2/error_detail.c stage2/boot.c -lcmocka -o $@

$(HOST)/fuzz_lz4: tests/host/fuzz_lz4.c $(LOADER_LZ4) stage2/error_detail.c stage2/boot.c stage2/lz4.h \
    tests/host/dev-lz4.mk
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer $< $(LOADER_LZ4) stage2/error_detail.c stage2/boot.c -o $@

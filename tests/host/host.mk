# host.mk: tests of the code that needs no hardware, on this machine: the real sources under
# AddressSanitizer and UndefinedBehaviorSanitizer, with cmocka, and fuzzed with libFuzzer.

HOST := $(B)/host
HOST_FLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
              -Wall -Wextra -Wno-address-of-packed-member -I include -I stage2 -I stage2/pm
# The kernel's headers go last and by -iquote's side, so that <stdio.h> and friends stay the host's.
HOST_KERNEL_FLAGS := -idirafter kernel
FUZZ_SECONDS ?= 5

FUZZ_RUNS = $(if $(RUNS),-runs=$(RUNS),-max_total_time=$(FUZZ_SECONDS))
SWEEP_SAMPLE ?= 1

LOADER_CORE := stage2/pm/sanitise.c stage2/map.c stage2/fat.c $(FAT_SHARED) stage2/pm/elf.c \
               stage2/pm/config.c stage2/error_detail.c stage2/boot.c stage2/pm/crc32.c
# All of the loader that brings files from the disk, over a machine of this computer's memory
# (loader_machine.h): the loader's "physical" addresses are this program's own, so its code lies
# where the machine has nothing; for the whole loader below 1 MB, where segments reach its buffers.
OTHER_KERNELS := stage2/pm/kernel_kind.c stage2/pm/multiboot.c stage2/pm/linux.c \
    stage2/pm/linux_words.c
LOADER_DISK := $(OTHER_KERNELS) stage2/load.c stage2/load_elf.c stage2/passing.c stage2/pm/elf.c \
               stage2/room.c stage2/map.c stage2/boot.c stage2/error_detail.c stage2/pm/deliver.c \
               stage2/pm/crc32.c stage2/pm/unpack.c stage2/pm/lz4.c stage2/pm/xxhash32.c
LOADER_WHOLE := $(LOADER_DISK) stage2/disk.c stage2/partition.c stage2/fat.c $(FAT_SHARED) \
                stage2/pm/config.c stage2/config_load.c
LOADER_FLAGS := -fno-pie -no-pie -Wno-pointer-to-int-cast -Wno-int-to-pointer-cast
LOADER_HIGH := -Wl,-Ttext-segment=0x40000000
LOADER_LOW := -Wl,-Ttext-segment=0x30000,-z,max-page-size=4096

HOST_TESTS := sanitise fat elf config crc32 disk load step_line format smbios step_wait div64
FUZZERS := sanitise fat load config words
FAT_IMAGES := $(HOST)/fat12.img $(HOST)/fat16.img $(HOST)/fat32.img

$(HOST)/fat%.img: tests/host/make-fat-image
	@mkdir -p $(@D)
	$(Q)tests/host/make-fat-image $* $@

$(HOST)/test_%: tests/host/test_%.c $(LOADER_CORE) kernel/lib/format.c \
    $(wildcard tests/host/*.h stage2/*.h stage2/pm/*.h include/ascent/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(HOST_KERNEL_FLAGS) $< $(LOADER_CORE) kernel/lib/format.c -lcmocka -o $@

$(HOST)/test_div64: tests/host/test_div64.c kernel/lib/div64.c tests/host/cmocka_test.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) -O0 $< kernel/lib/div64.c -lcmocka -o $@

$(HOST)/test_disk: tests/host/test_disk.c $(LOADER_WHOLE) $(wildcard tests/host/*.h stage2/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(filter-out -fsanitize%,$(HOST_FLAGS)) $(LOADER_FLAGS) $(LOADER_LOW) $< $(LOADER_WHOLE) \
	    -lcmocka -o $@

$(HOST)/test_load: tests/host/test_load.c $(LOADER_DISK) $(wildcard tests/host/*.h stage2/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(LOADER_FLAGS) $(LOADER_HIGH) $< $(LOADER_DISK) -lcmocka -o $@

$(HOST)/sweep_disk: tests/host/sweep_disk.c $(LOADER_WHOLE) $(wildcard tests/host/*.h stage2/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(filter-out -fsanitize% -O1,$(HOST_FLAGS)) -O2 $(LOADER_FLAGS) $(LOADER_LOW) $< \
	    $(LOADER_WHOLE) -o $@

$(HOST)/fuzz_%: tests/host/fuzz_%.c $(LOADER_CORE) $(wildcard tests/host/*.h stage2/*.h)
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer $< $(LOADER_CORE) -o $@

$(HOST)/fuzz_load: tests/host/fuzz_load.c $(LOADER_DISK) $(wildcard tests/host/*.h stage2/*.h)
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer $(LOADER_FLAGS) $(LOADER_HIGH) \
	    -Wno-void-pointer-to-int-cast $< $(LOADER_DISK) -o $@

WORDS := kernel/monitor/args.c kernel/monitor/line.c kernel/boot/info.c kernel/lib/strlcpy.c
$(HOST)/fuzz_words: tests/host/fuzz_words.c $(WORDS)
	@mkdir -p $(@D)
	$(Q)clang $(subst -I stage2 -I stage2/pm,,$(HOST_FLAGS)) -fsanitize=fuzzer -idirafter kernel \
	    -Wno-int-to-pointer-cast -Wno-int-to-void-pointer-cast $< $(WORDS) -o $@

$(HOST_TESTS:%=$(HOST)/test_%) $(FUZZERS:%=$(HOST)/fuzz_%) $(HOST)/sweep_disk: tests/host/host.mk

# Tests of the kernel's memory management: a fragment each, which adds its name to HOST_TESTS and
# has a rule for $(HOST)/test_NAME. Headers that touch hardware have a stand-in in tests/host/fake.
HOST_MM_FLAGS := $(HOST_FLAGS) -I tests/host/fake -idirafter kernel
-include $(wildcard tests/host/mm-*.mk tests/host/dev-*.mk tests/host/fs-*.mk tests/host/block-*.mk)

test-host: $(HOST_TESTS:%=$(HOST)/test_%) $(FAT_IMAGES) $(FUZZERS:%=$(HOST)/fuzz_%) ## unit tests on this machine, and a short fuzzing run
	@cd $(HOST) && printf '%s\n' $(HOST_TESTS) | xargs -P 2 -I NAME sh -c ' \
	    CMOCKA_MESSAGE_OUTPUT=STDOUT ./test_NAME >test_NAME.log 2>&1 || { cat test_NAME.log; exit 255; }; \
	    echo "test_NAME: $$(grep -c "^\[       OK" test_NAME.log) passed"'
	@$(MAKE) --no-print-directory fuzz
	@$(MAKE) --no-print-directory sweep SWEEP_SAMPLE=211

fuzz: $(FUZZERS:%=$(HOST)/fuzz_%) ## feed damaged input to our code: make fuzz RUNS=1000000, or FUZZ_SECONDS=60
	@cd $(HOST) && printf '%s\n' $(FUZZERS) | xargs -P 2 -I NAME sh -c ' \
	    dict=$(CURDIR)/tests/host/NAME.dict; [ -e $$dict ] && dict=-dict=$$dict || dict=; \
	    ./fuzz_NAME $$dict $(FUZZ_RUNS) -verbosity=1 -print_final_stats=1 >fuzz_NAME.log 2>&1 \
	        || { tail -n 40 fuzz_NAME.log; exit 255; }; \
	    echo "fuzz_NAME: $$(sed -n "s/^stat::number_of_executed_units: *//p" fuzz_NAME.log) inputs, nothing found"'

sweep: $(HOST)/sweep_disk disk.img ## each sector that a boot reads, damaged in every way; SWEEP_SAMPLE=100 for a hundredth
	@$(HOST)/sweep_disk disk.img $(SWEEP_SAMPLE)

.PHONY: test-host fuzz sweep

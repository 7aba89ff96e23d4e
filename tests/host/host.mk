# host.mk: tests of the code that needs no hardware, on this machine: the real sources under
# AddressSanitizer and UndefinedBehaviorSanitizer, with cmocka, and fuzzed with libFuzzer.

HOST := $(B)/host
HOST_FLAGS := -std=gnu11 -g -O1 -fsanitize=address,undefined -fno-sanitize-recover=all \
              -Wall -Wextra -Wno-address-of-packed-member -I include -I stage2 -I stage2/pm
# The kernel's headers go last and by -iquote's side, so that <stdio.h> and friends stay the host's.
HOST_KERNEL_FLAGS := -idirafter kernel
FUZZ_SECONDS ?= 5

LOADER_CORE := stage2/pm/sanitise.c stage2/map.c stage2/fat.c stage2/elf.c stage2/config.c stage2/error_detail.c \
               stage2/pm/crc32.c
HOST_TESTS := sanitise fat elf config crc32 step_line format
FUZZERS := sanitise fat elf config
FAT_IMAGES := $(HOST)/fat12.img $(HOST)/fat16.img $(HOST)/fat32.img

$(HOST)/fat%.img: tests/host/make-fat-image
	@mkdir -p $(@D)
	$(Q)tests/host/make-fat-image $* $@

$(HOST)/test_%: tests/host/test_%.c $(LOADER_CORE) kernel/lib/format.c $(wildcard tests/host/*.h)
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(HOST_KERNEL_FLAGS) $< $(LOADER_CORE) kernel/lib/format.c -lcmocka -o $@

$(HOST)/fuzz_%: tests/host/fuzz_%.c $(LOADER_CORE)
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) -fsanitize=fuzzer $< $(LOADER_CORE) -o $@

# Tests of the kernel's memory management: a fragment each, which adds its name to HOST_TESTS and
# has a rule for $(HOST)/test_NAME. Headers that touch hardware have a stand-in in tests/host/fake.
HOST_MM_FLAGS := $(HOST_FLAGS) -I tests/host/fake -idirafter kernel
-include $(wildcard tests/host/mm-*.mk tests/host/dev-*.mk)

test-host: $(HOST_TESTS:%=$(HOST)/test_%) $(FAT_IMAGES) $(FUZZERS:%=$(HOST)/fuzz_%) ## unit tests on this machine, and a short fuzzing run
	@cd $(HOST) && for test in $(HOST_TESTS); do CMOCKA_MESSAGE_OUTPUT=STDOUT ./test_$$test || exit 1; done
	@$(MAKE) --no-print-directory fuzz

fuzz: $(FUZZERS:%=$(HOST)/fuzz_%) ## feed damaged input to the loader's code: make fuzz FUZZ_SECONDS=60
	@for fuzzer in $(FUZZERS); do \
	    $(HOST)/fuzz_$$fuzzer -max_total_time=$(FUZZ_SECONDS) -verbosity=0 -print_final_stats=0 \
	        -artifact_prefix=$(HOST)/ >$(HOST)/fuzz_$$fuzzer.log 2>&1 \
	    || { tail -n 40 $(HOST)/fuzz_$$fuzzer.log; exit 1; }; \
	    echo "fuzz_$$fuzzer: $(FUZZ_SECONDS) s, nothing found"; \
	done

.PHONY: test-host fuzz

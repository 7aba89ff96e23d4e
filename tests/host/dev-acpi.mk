# dev-acpi.mk: the ACPI parser, tested and fuzzed on this machine.

HOST_TESTS += acpi
FUZZERS += acpi

$(HOST)/test_acpi: tests/host/test_acpi.c tests/host/acpi_tables.h kernel/dev/acpi.c kernel/dev/acpi.h
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(HOST_KERNEL_FLAGS) $< kernel/dev/acpi.c -lcmocka -o $@

$(HOST)/fuzz_acpi: tests/host/fuzz_acpi.c tests/host/acpi_tables.h kernel/dev/acpi.c kernel/dev/acpi.h
	@mkdir -p $(@D)
	$(Q)clang $(HOST_FLAGS) $(HOST_KERNEL_FLAGS) -fsanitize=fuzzer $< kernel/dev/acpi.c -o $@

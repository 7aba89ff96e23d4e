# dev-tsc.mk: how the time stamp counter is measured, with ports of the test's own.

HOST_TESTS += tsc_measure

$(HOST)/test_tsc_measure: tests/host/test_tsc_measure.c kernel/dev/pit_measure.c kernel/dev/pit.h \
    tests/host/dev-tsc.mk
	@mkdir -p $(@D)
	$(Q)gcc $(HOST_FLAGS) $(HOST_KERNEL_FLAGS) $< -lcmocka -o $@

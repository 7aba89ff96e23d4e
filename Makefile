# Ascent: a BIOS boot loader and a 32-bit kernel to read, step through and boot.
#
# `make` builds disk.img, `make run` boots it, `make test` proves it, `make help` lists the rest.
# Everything built goes to build/, but for disk.img itself.

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

B := build

# The compiler: CROSS= if given, else the textbook i686-elf-, else Debian's i686-linux-gnu-.
export PATH := $(CURDIR)/.toolchain/bin:$(PATH):/usr/sbin:/sbin
ifndef CROSS
CROSS := $(if $(shell command -v i686-elf-gcc 2>/dev/null),i686-elf-,i686-linux-gnu-)
endif
CC := $(CROSS)gcc
LD := $(CROSS)ld
OBJCOPY := $(CROSS)objcopy
OBJDUMP := $(CROSS)objdump
NASM ?= nasm
PYTHON := /usr/bin/python3
PYTEST := $(PYTHON) -m pytest
# As many at a time as there are processors; tests/conftest.py says which belong together.
PYTEST_PARALLEL := $(PYTEST) -n $(shell nproc 2>/dev/null || echo 2) --dist loadgroup

Q := $(if $(V),,@)
# One line for each file that is made; none with `make -s`.
silent := $(findstring s,$(filter-out -%,$(firstword $(MAKEFLAGS))))
say = @$(if $(silent),:,printf '  %-8s %s\n' '$(1)' '$(2)')

C_FLAGS := -std=c11 -ffreestanding -fno-pic -fno-stack-protector -fcf-protection=none \
           -fno-asynchronous-unwind-tables -fno-strict-aliasing --param=min-pagesize=0 -mgeneral-regs-only \
           -Wall -Wextra -Werror -g -MMD -MP -I include -I $(B)/include
# uint32_t is unsigned int, as on Linux; i686-elf-gcc would make it unsigned long.
C_FLAGS += -U__UINT32_TYPE__ -D'__UINT32_TYPE__=unsigned int' -U__INT32_TYPE__ -D__INT32_TYPE__=int
# What runs in real mode has to fit in 32 KB: what follows -Os makes it 1 % smaller still.
STAGE2_FLAGS := $(C_FLAGS) -march=i386 -mregparm=3 -Os -fno-inline-functions-called-once \
                -malign-data=abi -mpreferred-stack-boundary=2 -fomit-frame-pointer -I stage2
# No frame can step over the guard page below a stack (kernel/cpu/stack.h). Stacks are aligned to 4
# bytes, which is all that the System V ABI for i386 asks for: GCC would make it 16 before each call,
# for SSE, which the kernel does not use.
KERNEL_FLAGS := $(C_FLAGS) -m32 -march=i486 -mregparm=3 -O2 -fno-omit-frame-pointer -I kernel \
                -mpreferred-stack-boundary=2 -Wframe-larger-than=1024 -Wvla
LD_FLAGS := -m elf_i386 -z noexecstack --no-warn-rwx-segments
NASM_FLAGS := -f elf32 -g -F dwarf -I $(B)/include/

# The system as of a chapter (make checkpoint): what nothing calls is not linked.
CHAPTER ?=
CHECKPOINT_HEADER := $(if $(CHAPTER),$(B)/include/checkpoint_number.h)
NASM_FLAGS += -DCHAPTER=$(or $(CHAPTER),CHAPTER_LAST)
ifneq ($(CHAPTER),)
KERNEL_FLAGS += -ffunction-sections -fdata-sections
WHAT_IS_CALLED := --gc-sections
endif

include disk.img.mk
include checkpoint.mk
include book.mk
include site.mk
include user/user.mk
include labs/labs.mk

all: disk.img ## build disk.img
ifneq ($(RUN_IMAGE),disk.img)
	@echo "disk.img is without CMDLINE and STEP: they are for run, step, debug and why"
endif

# ---- what C and NASM share ---------------------------------------------------------------------

STEP_SOURCES := $(wildcard stage1/*.asm stage2/*.asm stage2/*.c kernel/*/*.asm kernel/*/*.c user/lib/*.asm)

# Constants: the #define lines of the C headers, as %define lines. Errors and steps: their tables.
NASM_INCLUDES := $(B)/include/layout.inc $(B)/include/errors.inc $(B)/include/steps.inc

$(B)/include/layout.inc: include/ascent/layout.h include/ascent/boot_info.h include/ascent/real_call.h \
    stage2/kernel_kind.h stage2/multiboot_info.h
	@mkdir -p $(@D)
	$(Q)sed -n 's/^#define \([A-Z0-9_]*\) \([^ /][^/]*\).*/%define \1 \2/p' $^ > $@

$(B)/include/errors.inc: include/ascent/errors.def
	@mkdir -p $(@D)
	$(Q){ echo '#define ERROR(number, name, message, remedy) %define E_##name number'; \
	      grep '^ERROR' $<; } | $(CC) -E -P - > $@
	$(Q){ echo '#define ERROR(number, name, message, remedy) %define E_##name##_TEXT message'; \
	      grep '^ERROR' $<; } | $(CC) -E -P - >> $@

$(B)/include/steps.inc: include/ascent/steps.def
	@mkdir -p $(@D)
	$(Q){ echo '#define STEP(number, name, ...) %define STEP_##name number'; cat $<; } | \
	    $(CC) -E -P - > $@

# The line of source of each step; left alone where nothing changed, so that little is built again.
$(B)/include/step_sources.h: scripts/step-sources include/ascent/steps.def $(STEP_SOURCES)
	@mkdir -p $(@D)
	$(Q)scripts/step-sources $(STEP_SOURCES) > $@.new && \
	    { cmp -s $@.new $@ && rm $@.new && touch $@ || mv $@.new $@; }

$(B)/stage2/step_table.o $(B)/kernel/boot/step_table.o: $(B)/include/step_sources.h

$(B)/linker/%.ld: linker/%.ld include/ascent/layout.h
	@mkdir -p $(@D)
	$(Q)$(CC) -E -P -undef -x c -I include $< | grep -v '^$$' > $@

# ---- stage 1 -----------------------------------------------------------------------------------

$(B)/stage1.elf: $(B)/linker/stage1.ld $(B)/stage1/mbr.asm.o
	$(call say,LD,$@)
	$(Q)$(LD) $(LD_FLAGS) -T $^ -o $@

$(B)/stage1.bin: $(B)/stage1.elf
	$(Q)$(OBJCOPY) -O binary $< $@
	$(Q)size=$$(stat -c %s $@); \
	max=$$(($$(scripts/constant STAGE1_MAX_BYTES) - $$(scripts/constant STAGE1_SPARE_BYTES))); \
	if [ $$size -gt $$max ]; then rm $@; \
	    echo "stage 1 is $$size bytes: $$((size - max)) more than its $$max"; exit 1; fi

# ---- stage 2: real-mode C and assembly, and the part that runs in protected mode ----------------

# What FAT is, for the loader and the kernel (include/ascent/fat.h).
FAT_SHARED := $(wildcard fat/*.c)
STAGE2_SHARED := step serial map error_detail
STAGE2_OBJECTS := $(patsubst %,$(B)/%.o,$(wildcard stage2/*.asm)) \
                  $(patsubst stage2/%.c,$(B)/stage2/%.o,$(call built,stage2/*.c)) \
                  $(FAT_SHARED:fat/%.c=$(B)/stage2/fat/%.o)
PM_OBJECTS := $(patsubst stage2/pm/%.c,$(B)/stage2/pm/%.o,$(call built,stage2/pm/*.c)) \
              $(STAGE2_SHARED:%=$(B)/stage2/pm/%.o)

$(B)/stage2/%.o: stage2/%.c
	@mkdir -p $(@D)
	$(call say,CC16,$<)
	$(Q)$(CC) -m16 $(STAGE2_FLAGS) -c $< -o $@

$(B)/stage2/pm/%.o: stage2/pm/%.c
	@mkdir -p $(@D)
	$(call say,CC32,$<)
	$(Q)$(CC) -m32 $(STAGE2_FLAGS) -c $< -o $@
	$(Q)$(OBJCOPY) $(LATE_RODATA) $@

# What runs only with a flat DS keeps its constants with its code, above 64 KB: all but what stops at
# the steps, as cs-load comes before ds-load.
PM_EARLY := step_stop step_screen
$(filter-out $(PM_EARLY:%=$(B)/stage2/pm/%.o),$(PM_OBJECTS)): STAGE2_FLAGS += -fno-merge-constants
$(filter-out $(PM_EARLY:%=$(B)/stage2/pm/%.o),$(PM_OBJECTS)): \
    LATE_RODATA := --rename-section .rodata=.late_rodata

$(B)/stage2/fat/%.o: fat/%.c
	@mkdir -p $(@D)
	$(call say,CC16,$<)
	$(Q)$(CC) -m16 $(STAGE2_FLAGS) -c $< -o $@

# Where every byte of the kernel passes. A 386 would rather do 20 additions than multiply: no other one.
$(addprefix $(B)/stage2/pm/,crc32.o deliver.o lz4.o xxhash32.o): STAGE2_FLAGS += -O3 -mtune=i686

# These files serve both modes: compiled again, as 32-bit code.
$(STAGE2_SHARED:%=$(B)/stage2/pm/%.o): $(B)/stage2/pm/%.o: stage2/%.c
	@mkdir -p $(@D)
	$(call say,CC32,$<)
	$(Q)$(CC) -m32 $(STAGE2_FLAGS) -c $< -o $@

# All 32-bit code as one object, in which the names that both modes have are out of the way.
$(B)/stage2/pm32.o: $(PM_OBJECTS)
	$(Q)$(LD) -m elf_i386 -r $(PM_OBJECTS) -o $@
	$(Q)$(OBJCOPY) --redefine-sym step=pm_step $(foreach name,serial_putc serial_wait step_stop \
	    map_usable map_find_room error_at error_forget,\
	    --localize-symbol=$(name)) $@

$(B)/stage2.elf: $(B)/linker/stage2.ld $(STAGE2_OBJECTS) $(B)/stage2/pm32.o
	$(call say,LD,$@)
	$(Q)$(LD) $(LD_FLAGS) $(WHAT_IS_CALLED) -T $^ -o $@

$(B)/stage2.bin: $(B)/stage2.elf scripts/stamp-stage2 scripts/stage2-size
	$(Q)scripts/stage2-size $< > $@.size || { cat $@.size; exit 1; }
	$(Q)$(OBJCOPY) -O binary -j .text -j .rodata -j .data -j .text32 $< $@
	$(Q)scripts/stamp-stage2 $@

# ---- the kernel's part that runs in real mode: some of the loader's files, and its own ------------

REAL := $(B)/kernel/bios/real
REAL_OBJECTS := $(REAL)/enter.asm.o $(REAL)/main.o $(REAL)/record.o $(REAL)/pm_record.o \
                $(patsubst %,$(B)/stage2/%.o,bios.asm nmi.asm gdt.asm a20)

$(REAL)/%.o: kernel/bios/real/%.c
	@mkdir -p $(@D)
	$(call say,CC16,$<)
	$(Q)$(CC) -m16 $(STAGE2_FLAGS) -c $< -o $@

$(REAL)/pm_record.o: kernel/bios/real/record.c
	@mkdir -p $(@D)
	$(call say,CC32,$<)
	$(Q)$(CC) -m32 $(STAGE2_FLAGS) -c $< -o $@
	$(Q)$(OBJCOPY) --redefine-sym record=pm_record $@

$(B)/real.elf: $(B)/linker/real.ld $(REAL_OBJECTS)
	$(call say,LD,$@)
	$(Q)$(LD) $(LD_FLAGS) -T $^ -o $@

$(B)/include/real.bin: $(B)/real.elf
	$(Q)$(OBJCOPY) -O binary -j .text -j .data $< $@

$(B)/kernel/bios/image.asm.o: $(B)/include/real.bin

# ---- kernel ------------------------------------------------------------------------------------

KERNEL_OBJECTS := $(patsubst %,$(B)/%.o,$(wildcard kernel/*/*.asm)) \
                  $(patsubst %.c,$(B)/%.o,$(call built,kernel/*/*.c)) \
                  $(FAT_SHARED:fat/%.c=$(B)/kernel/fat/%.o)

$(B)/kernel/%.o: kernel/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(KERNEL_FLAGS) -c $< -o $@

$(B)/kernel/fat/%.o: fat/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(KERNEL_FLAGS) -c $< -o $@

# Linked twice: the table of source lines for backtraces is made from the first result. It is data
# and lies behind the code, so the addresses of the code are the same in the second.
link_kernel = $(LD) $(LD_FLAGS) $(WHAT_IS_CALLED) -z max-page-size=4096 -T $^ -o $@

$(B)/lines-none.c: scripts/make-lines
	$(Q)scripts/make-lines $(OBJDUMP) > $@

$(B)/lines.c: $(B)/kernel-without-lines.elf scripts/make-lines
	$(Q)scripts/make-lines $(OBJDUMP) $< > $@

$(B)/lines.o $(B)/lines-none.o: $(B)/%.o: $(B)/%.c kernel/cpu/lines.h
	$(Q)$(CC) $(KERNEL_FLAGS) -g0 -c $< -o $@

$(B)/kernel-without-lines.elf: $(B)/linker/kernel.ld $(KERNEL_OBJECTS) $(B)/lines-none.o
	$(Q)$(link_kernel)

$(B)/kernel.elf: $(B)/linker/kernel.ld $(KERNEL_OBJECTS) $(B)/lines.o
	$(call say,LD,$@)
	$(Q)$(link_kernel)

# The file on the disk: symbols for backtraces, but not the debugger's tables.
$(B)/KERNEL.ELF: $(B)/kernel.elf
	$(Q)$(OBJCOPY) --strip-debug $< $@

# The example of docs/reference/boot-protocol.md: another kernel for the same loader.
$(B)/hello.elf: docs/examples/hello/hello.ld docs/examples/hello/hello.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$@)
	$(Q)$(CC) $(filter-out -MMD -MP,$(C_FLAGS)) -m32 -march=i486 -O2 -nostdlib -static \
	    -Wl,--no-warn-rwx-segments -Wl,--build-id=none -T $(filter-out Makefile,$^) -o $@

# ---- common ------------------------------------------------------------------------------------

$(B)/%.asm.o: %.asm $(NASM_INCLUDES) $(CHECKPOINT_HEADER)
	@mkdir -p $(@D)
	$(call say,NASM,$<)
	$(Q)$(NASM) $(NASM_FLAGS) -MD $(@:.o=.d) -MP $< -o $@

COMPILED := $(B)/stage1/mbr.asm.o $(STAGE2_OBJECTS) $(PM_OBJECTS) $(REAL_OBJECTS) $(KERNEL_OBJECTS)
DEPENDENCIES := $(wildcard $(COMPILED:.o=.d))
-include $(DEPENDENCIES)

# Other flags make other objects.
$(COMPILED) $(B)/stage2/pm32.o $(B)/lines.o $(B)/lines-none.o: Makefile disk.img.mk

# A header that was not there when a file was compiled is in no list of dependencies.
$(COMPILED): | $(CHECKPOINT_HEADER)

# A source that was moved is no reason to stop: what had been made of it is made again.
RECORDED := $(sort $(filter %.c %.asm,$(shell cat /dev/null $(DEPENDENCIES))))
$(filter-out $(wildcard $(RECORDED)),$(RECORDED)): ;

# ---- what people type --------------------------------------------------------------------------
# scripts/setup installs what is missing, says what and why, and does nothing when all is there.

setup-%:
	@scripts/setup $*

run: setup-build setup-run ## build and boot in QEMU, into a shell; BUSYBOX=1 adds Debian's busybox, PROGRAM= yours
	@$(MAKE) --no-print-directory $(RUN_IMAGE)
	@scripts/run $(RUN_IMAGE)

monitor: ## as run, but into the kernel's monitor
	@$(MAKE) --no-print-directory run CMDLINE=init=none

step: ## as run, but the machine stops at each step and shows what changed
	@$(MAKE) --no-print-directory run STEP=1

debug: setup-build setup-run setup-debug ## boot under GDB, stopped at the first instruction of stage 1
	@$(MAKE) --no-print-directory $(RUN_IMAGE)
	@scripts/debug $(RUN_IMAGE)

step-gdb: setup-build setup-run setup-debug ## step through the boot in GDB: stops before and after each step; BACK=1: backwards too
	@$(if $(BACK),scripts/setup back)
	@$(MAKE) --no-print-directory $(RUN_IMAGE)
	@BACK=$(BACK) scripts/debug $(RUN_IMAGE) -x scripts/gdb/step.py

why: setup-build setup-run setup-debug ## run the image and explain the last fault or triple fault in plain words
	@$(MAKE) --no-print-directory $(RUN_IMAGE)
	@$(PYTHON) scripts/why $(if $(filter-out 0,$(STEP)),--step $(STEP)) $(if $(TYPE),--type '$(TYPE)') \
	    $(or $(IMAGE),$(RUN_IMAGE))

test: setup-build setup-run setup-test setup-site setup-test-site ## host tests, checks of the documents and the fast part of the machine matrix
	@$(MAKE) --no-print-directory disk.img $(B)/hello.elf initrds
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-host check-docs
	@$(PYTEST_PARALLEL) -m quick tests

test-full: setup-build setup-run setup-test setup-site setup-test-site ## everything: all machines, all errors, longer fuzzing
	@$(MAKE) --no-print-directory disk.img $(B)/hello.elf initrds debian-initrds
	@$(MAKE) --no-print-directory -j2 --output-sync=target test-host check-docs lint FUZZ_SECONDS=60 OPERATIONS=1000000
	@$(PYTEST_PARALLEL) tests

bench: setup-build setup-run setup-test ## time to a prompt and to load a kernel; instructions of its functions
	@$(MAKE) --no-print-directory disk.img initrds
	@$(PYTHON) bench/boot.py
	@$(PYTHON) bench/load.py
	@$(PYTHON) bench/memory.py
	@$(PYTHON) bench/processes.py --linux
	@$(PYTHON) bench/swap.py --linux

usb: setup-build ## write the image to a USB stick: make usb DEV=/dev/sdX
	@$(MAKE) --no-print-directory disk.img
	@scripts/usb "$(DEV)"

doctor: ## say which tools are there and which are missing
	@scripts/doctor

toolchain: ## build the textbook i686-elf-gcc into .toolchain/ (not needed; takes a while)
	@scripts/toolchain

check-docs: ## are the generated parts of docs/ up to date, and is there evidence for the rest?
	@scripts/gen-docs --check
	@scripts/make-index --check
	@scripts/make-figures --check
	@scripts/check-evidence

pictures: setup-build setup-run setup-test setup-site ## make the docs' transcripts, screens, figures and indexes anew
	@$(MAKE) --no-print-directory disk.img
	@scripts/make-pictures
	@scripts/make-figures --run
	@scripts/make-figures
	@scripts/gen-docs
	@scripts/make-index
	@$(MAKE) --no-print-directory site
	@scripts/make-browser-pictures

campaign: setup-build setup-run setup-test ## many boots that go wrong: make campaign ARGS='--count 1000 --seed 3'
	@$(MAKE) --no-print-directory disk.img
	@tests/boot/campaign.py $(ARGS)

lint: setup-test ## clang-tidy, gcc -fanalyzer, cppcheck, shellcheck and flake8 over the sources
	@scripts/lint

# Names that people know from other kernels.
qemu shell: run ## as run
qemu-nox: ## as run, always on this terminal
	@DISPLAY= WAYLAND_DISPLAY= $(MAKE) --no-print-directory run
qemu-gdb: debug ## as debug
check: test ## as test

size: $(B)/stage1.bin $(B)/stage2.bin $(B)/kernel.elf ## show how large each part is
	@printf 'stage 1                   %6d of %6d bytes\n' $$(stat -c %s $(B)/stage1.bin) $$(scripts/constant STAGE1_MAX_BYTES)
	@scripts/stage2-size $(B)/stage2.elf
	@$(CROSS)size $(B)/stage2.elf $(B)/kernel.elf

clean: ## remove everything that was built
	rm -rf $(B) disk.img

help: ## this list
	@awk -F ':.*## ' '/^[a-z][a-z -]*:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

-include tests/host/host.mk

.PHONY: all run shell monitor step debug test test-full bench usb doctor toolchain check-docs pictures lint qemu qemu-nox \
        qemu-gdb check size clean help step-gdb why campaign

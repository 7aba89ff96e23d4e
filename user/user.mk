# user.mk: the programs of ring 3, built into build/user/, and the archive that they are packed in.
#
# No C library: our own start code, the few functions of user/lib, and kernel/lib/string.c. A program is one file of
# user/programs/ or user/lessons/, or all files of user/sh/ or user/tests/.

U := $(B)/user
USER_FLAGS := -std=gnu11 -m32 -march=i486 -O2 -ffreestanding -fno-builtin -fno-pic -fno-stack-protector --param=min-pagesize=0 \
              -fcf-protection=none -fno-asynchronous-unwind-tables -fno-strict-aliasing -fno-tree-loop-distribute-patterns \
              -fno-omit-frame-pointer -mno-sse -mno-mmx -Wall -Wextra -Werror -g -MMD -MP -I user/lib -I kernel/lib -I include
USER_FLAGS += -U__UINT32_TYPE__ -D'__UINT32_TYPE__=unsigned int' -U__INT32_TYPE__ -D__INT32_TYPE__=int
USER_LD_FLAGS := -m elf_i386 -static --build-id=none -z noexecstack -z max-page-size=4096 \
                 -z separate-code

USER_LIB := $(patsubst user/%,$(U)/obj/%.o,$(wildcard user/lib/*.asm user/lib/*.c)) $(U)/obj/kernel/string.c.o
USER_ONE_FILE := $(patsubst %.c,%,$(notdir $(wildcard user/programs/*.c user/lessons/*.c)))
USER_PROGRAMS := $(addprefix $(U)/,$(USER_ONE_FILE) sh)

$(U)/obj/%.asm.o: user/%.asm
	@mkdir -p $(@D)
	$(call say,NASM,$<)
	$(Q)$(NASM) -f elf32 $< -o $@

$(U)/obj/%.c.o: user/%.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(USER_FLAGS) -c $< -o $@

$(U)/obj/kernel/string.c.o: kernel/lib/string.c Makefile user/user.mk
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(USER_FLAGS) -I kernel -c $< -o $@

link_user = $(LD) $(USER_LD_FLAGS) $(filter %.o,$^) $$($(CC) -m32 -print-libgcc-file-name) -o $@.full && \
            $(OBJCOPY) --strip-debug $@.full $@

$(addprefix $(U)/,$(patsubst user/programs/%.c,%,$(wildcard user/programs/*.c))): \
    $(U)/%: $(U)/obj/programs/%.c.o $(USER_LIB)
	$(call say,LD,$@)
	$(Q)$(link_user)

$(addprefix $(U)/,$(patsubst user/lessons/%.c,%,$(wildcard user/lessons/*.c))): \
    $(U)/%: $(U)/obj/lessons/%.c.o $(USER_LIB)
	$(call say,LD,$@)
	$(Q)$(link_user)

$(U)/sh: $(patsubst user/%,$(U)/obj/%.o,$(wildcard user/sh/*.c)) $(USER_LIB)
	$(call say,LD,$@)
	$(Q)$(link_user)

$(U)/tests: $(patsubst user/%,$(U)/obj/%.o,$(wildcard user/tests/*.c)) $(USER_LIB)
	$(call say,LD,$@)
	$(Q)$(link_user)

USER_OBJECTS := $(patsubst user/%,$(U)/obj/%.o,$(wildcard user/*/*.c user/*/*.asm))
$(USER_OBJECTS): Makefile user/user.mk
-include $(USER_OBJECTS:.o=.d) $(U)/obj/kernel/string.c.d

# ---- archives -----------------------------------------------------------------------------------
# make-initrd takes lines "path = file": user/initrd.list is what a machine has by default.

$(B)/initrd-user.cpi: $(USER_PROGRAMS) scripts/make-initrd user/initrd.list
	$(call say,CPIO,$@)
	$(Q)scripts/make-initrd $@ user/initrd.list

# Debian's busybox, and what PROGRAM= names, beside our own.
$(B)/initrd-busybox.cpi: $(USER_PROGRAMS) scripts/make-initrd scripts/debian-i386 user/initrd.list user/busybox.list
	@scripts/debian-i386 busybox-static
	$(call say,CPIO,$@)
	$(Q)scripts/make-initrd $@ user/initrd.list user/busybox.list

$(B)/run/INITRD.CPI: $(USER_PROGRAMS) scripts/make-initrd scripts/add-program user/initrd.list ALWAYS
	@mkdir -p $(@D)
	@$(if $(filter-out 0,$(BUSYBOX)),scripts/debian-i386 busybox-static)
	$(call say,CPIO,$@)
	$(Q)scripts/add-program $(PROGRAM) > $(@D)/program.list
	$(Q)scripts/make-initrd $@ user/initrd.list $(if $(filter-out 0,$(BUSYBOX)),user/busybox.list) \
	    $(@D)/program.list

# The suite as process 1.
$(B)/initrd-tests.cpi: $(U)/tests scripts/make-initrd user/tests/initrd.list
	$(call say,CPIO,$@)
	$(Q)scripts/make-initrd $@ user/tests/initrd.list

# A script of many commands as process 1, under busybox's sh, and under Debian's dash with its
# dynamic linker and libc.
$(B)/initrd-busybox-script.cpi: $(B)/initrd-busybox.cpi tests/linux/busybox.sh tests/linux/busybox.list
	$(call say,CPIO,$@)
	$(Q)scripts/make-initrd $@ user/initrd.list user/busybox.list tests/linux/busybox.list

$(B)/initrd-dash-script.cpi: $(B)/initrd-busybox-script.cpi scripts/add-program
	@scripts/debian-i386 dash libc6
	$(call say,CPIO,$@)
	$(Q){ scripts/add-program $(B)/debian/root/bin/dash; echo slink /bin/sh dash; } | \
	    scripts/make-initrd $@ user/initrd.list user/busybox.list tests/linux/busybox.list -

# The benchmark as process 1.
$(B)/initrd-bench.cpi: $(U)/bench scripts/make-initrd user/initrd.list
	$(call say,CPIO,$@)
	$(Q)printf 'dir /tmp\ndir /proc\ndir /dev\nfile /init $(U)/bench 755\n' | scripts/make-initrd $@ -

# The benchmark of swap as process 1; on Linux with the modules for its disk.
$(B)/initrd-swap-bench.cpi: $(U)/swap-bench scripts/make-initrd
	$(call say,CPIO,$@)
	$(Q)printf 'dir /tmp\ndir /proc\ndir /dev\nfile /init $(U)/swap-bench 755\n' | scripts/make-initrd $@ -

# What the quick tests boot; and what needs packages of Debian's.
initrds: $(B)/initrd-tests.cpi $(B)/initrd-bench.cpi $(B)/initrd-swap-bench.cpi $(B)/initrd-user.cpi
debian-initrds: $(B)/initrd-busybox-script.cpi $(B)/initrd-dash-script.cpi
.PHONY: initrds debian-initrds

user: setup-build initrds ## build the programs of ring 3 and their archives
.PHONY: user

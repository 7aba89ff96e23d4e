# disk.img.mk: the disk image, as docs/reference/image-format.md describes it.
#
# sfdisk writes the partition table, mtools the FAT partition, make-swap the header of the swap
# partition behind it, dd the two stages in front of it.

IMAGE_CYLINDER_SECTORS := 1008  # 16 heads of 63 sectors: some BIOSes want whole cylinders
FAT_SECTORS ?= 65536            # 32 MB
SWAP_SECTORS ?= 163840          # 80 MB, a hole in the file before it is used; 0: no swap
INITRD ?= $(B)/initrd-user.cpi  # any archive that Linux takes; INITRD= is one with nothing in it
CMDLINE ?=                      # of one run, as STEP: disk.img has neither
STEP ?= 0
PROGRAM ?=                      # of one run: a program for i386, to be found in /bin
BUSYBOX ?=                      # of one run: 1 puts Debian's busybox in
RUN_PROGRAMS = $(strip $(PROGRAM) $(filter-out 0,$(BUSYBOX)))
# Text for the kernel, as typed: make expands nothing in it, and no shell reads it.
override CMDLINE := $(value CMDLINE)
export CMDLINE

DISK := disk.img

# The kernel as the linker made it, or packed. It is packed for a disk that is slow: docs/performance.md.
KERNEL_LZ4 ?=
KERNEL_FILE := $(B)/KERNEL.$(if $(filter-out 0,$(KERNEL_LZ4)),LZ4,ELF)
FAT_FILES := $(B)/BOOT.CFG $(KERNEL_FILE) $(B)/INITRD.CPI

$(B)/KERNEL.LZ4: $(B)/KERNEL.ELF
	$(call say,LZ4,$@)
	$(Q)lz4 -q -f -12 --content-size $< $@

# Other settings mean another image, though no file is newer.
$(B)/image-settings: ALWAYS
	@mkdir -p $(@D)
	@echo '$(FAT_SECTORS) $(SWAP_SECTORS) $(INITRD) $(KERNEL_FILE)' | cmp -s - $@ || \
	    echo '$(FAT_SECTORS) $(SWAP_SECTORS) $(INITRD) $(KERNEL_FILE)' > $@

$(B)/INITRD.CPI: $(INITRD) $(B)/image-settings
	$(Q)$(if $(INITRD),cp $(INITRD) $@,scripts/make-initrd $@)

$(B)/BOOT.CFG: $(KERNEL_FILE) $(B)/INITRD.CPI $(B)/image-settings scripts/make-config
	$(Q)CMDLINE= STEP=0 scripts/make-config $(KERNEL_FILE) $(B)/INITRD.CPI > $@

$(DISK): $(B)/stage1.bin $(B)/stage2.bin $(FAT_FILES) $(B)/image-settings scripts/make-image scripts/make-swap
	$(call say,IMAGE,$@)
	$(Q)scripts/make-image $@ $(B)/stage1.bin $(B)/stage2.bin $(FAT_SECTORS) $(SWAP_SECTORS) \
	    $(FAT_FILES)

# What one run is given goes into a copy, made anew each time: it takes effect at once, and is gone
# with the next run.
RUN_IMAGE = $(if $(CMDLINE)$(filter-out 0,$(STEP))$(RUN_PROGRAMS),$(B)/run.img,disk.img)

# PROGRAM= and BUSYBOX=1 (user/user.mk) are of one run, too: they go into another initrd.
RUN_INITRD := $(if $(RUN_PROGRAMS),$(B)/run/INITRD.CPI,$(B)/INITRD.CPI)

$(B)/run/BOOT.CFG: $(B)/BOOT.CFG $(RUN_INITRD) ALWAYS
	@mkdir -p $(@D)
	$(Q)STEP=$(if $(filter-out 0,$(STEP)),1,0) \
	    scripts/make-config $(KERNEL_FILE) $(RUN_INITRD) > $@

$(B)/run.img: disk.img $(B)/run/BOOT.CFG
	$(call say,IMAGE,$@)
	$(Q)scripts/make-image $@ $(B)/stage1.bin $(B)/stage2.bin $(FAT_SECTORS) $(SWAP_SECTORS) \
	    $(B)/run/BOOT.CFG $(KERNEL_FILE) $(RUN_INITRD)

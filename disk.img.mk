# disk.img.mk: the disk image, as docs/reference/image-format.md describes it.
#
# sfdisk writes the partition table, mtools the FAT partition, dd the two stages in front of it.

IMAGE_CYLINDER_SECTORS := 1008  # 16 heads of 63 sectors: some BIOSes want whole cylinders
FAT_SECTORS ?= 65536            # 32 MB
INITRD ?=
CMDLINE ?=
STEP ?= 0

FAT_FILES := $(B)/BOOT.CFG $(B)/KERNEL.ELF $(B)/INITRD.CPI

$(B)/INITRD.CPI: $(INITRD)
	@mkdir -p $(@D)
	$(Q)$(if $(INITRD),cp $(INITRD) $@,scripts/make-initrd $@)

$(B)/BOOT.CFG: $(B)/KERNEL.ELF $(B)/INITRD.CPI scripts/make-config
	$(Q)CMDLINE='$(CMDLINE)' STEP='$(STEP)' scripts/make-config $(B)/KERNEL.ELF $(B)/INITRD.CPI > $@

disk.img: $(B)/stage1.bin $(B)/stage2.bin $(FAT_FILES) scripts/make-image
	$(call say,IMAGE,$@)
	$(Q)scripts/make-image $@ $(B)/stage1.bin $(B)/stage2.bin $(FAT_SECTORS) $(FAT_FILES)

# The same, but for `step = 1`.
$(B)/step/BOOT.CFG: $(B)/BOOT.CFG
	@mkdir -p $(@D)
	$(Q)sed 's/^step = .*/step = 1/' $< > $@

$(B)/step.img: disk.img $(B)/step/BOOT.CFG
	$(Q)scripts/make-image $@ $(B)/stage1.bin $(B)/stage2.bin $(FAT_SECTORS) $(B)/step/BOOT.CFG \
	    $(B)/KERNEL.ELF $(B)/INITRD.CPI

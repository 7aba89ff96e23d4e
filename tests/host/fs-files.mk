# fs-files.mk: the file system, the line discipline and the terminal on this machine.

HOST_TESTS += files line vt fat_files
FUZZERS += cpio fat_files

FILES_FAT := kernel/fs/fat.c kernel/fs/fat_sectors.c kernel/fs/fat_inode.c kernel/fs/fat_directory.c \
             kernel/fs/fat_name.c fat/volume.c fat/chain.c
FILES_CORE := kernel/fs/namei.c kernel/fs/dentry.c kernel/fs/inode.c kernel/fs/tree.c kernel/fs/ramfs.c \
              kernel/fs/page_tree.c kernel/fs/mount.c kernel/fs/open.c kernel/fs/file.c kernel/fs/io.c \
              kernel/fs/flock.c kernel/fs/record_lock.c kernel/fs/file_cache.c kernel/mm/shmem.c \
              $(FILES_FAT)
FILES_HEADERS := $(wildcard kernel/block/*.h include/ascent/*.h kernel/fs/*.h kernel/dev/*.h kernel/proc/*.h tests/host/*.h tests/host/fake/*.h)
# Addresses of programs have 32 bits, and the registers of traps are in a header that comes along.
FILES_FLAGS := $(HOST_MM_FLAGS) -Wno-pointer-to-int-cast

$(HOST)/test_files: tests/host/test_files.c $(FILES_CORE) $(FILES_HEADERS)
	@mkdir -p $(@D)
	$(Q)gcc $(FILES_FLAGS) $< $(FILES_CORE) -lcmocka -o $@

$(HOST)/test_line: tests/host/test_line.c kernel/dev/line_discipline.c $(FILES_HEADERS)
	@mkdir -p $(@D)
	$(Q)gcc $(FILES_FLAGS) $< kernel/dev/line_discipline.c -lcmocka -o $@

$(HOST)/test_vt: tests/host/test_vt.c kernel/dev/vt.c kernel/dev/vt_glyph.c $(FILES_HEADERS)
	@mkdir -p $(@D)
	$(Q)gcc $(FILES_FLAGS) $< kernel/dev/vt.c kernel/dev/vt_glyph.c -lcmocka -o $@

$(HOST)/fuzz_cpio: tests/host/fuzz_cpio.c $(FILES_CORE) kernel/fs/cpio.c $(FILES_HEADERS)
	@mkdir -p $(@D)
	$(Q)clang $(FILES_FLAGS) -Wno-void-pointer-to-int-cast -fsanitize=fuzzer $< $(FILES_CORE) \
	    kernel/fs/cpio.c -o $@

$(HOST)/test_fat_files: tests/host/test_fat_files.c $(FILES_CORE) $(FILES_HEADERS) $(FAT_IMAGES)
	@mkdir -p $(@D)
	$(Q)gcc $(FILES_FLAGS) $< $(FILES_CORE) -lcmocka -o $@

$(HOST)/fuzz_fat_files: tests/host/fuzz_fat_files.c $(FILES_CORE) $(FILES_HEADERS)
	@mkdir -p $(@D)
	$(Q)clang $(FILES_FLAGS) -Wno-void-pointer-to-int-cast -fsanitize=fuzzer $< $(FILES_CORE) -o $@

/*
 * main.c: stage 2, the list of its tasks in the order the machine does them.
 *
 * Real mode, all segments 0, interrupts on, up to handover(), which leaves real mode for good.
 * Chapter: docs/architecture.md, "Stage 2".
 */
#include <ascent/chapter.h>
#include <ascent/layout.h>

#include "a20.h"
#include "boot.h"
#include "config.h"
#include "console.h"
#include "cpu.h"
#include "disk.h"
#include "error.h"
#include "facts.h"
#include "fat.h"
#include "image.h"
#include "io.h"
#include "kernel_kind.h"
#include "keys.h"
#include "linux.h"
#include "load.h"
#include "memory.h"
#include "menu.h"
#include "paging.h"
#include "partition.h"
#include "pm.h"
#include "step.h"

#define CONFIG_PATH "BOOT/BOOT.CFG"

/* Stops with the error, if there is one. `subject` is what it is about. */
static void check(enum boot_error error, const char *subject) {
    if (error) boot_fail(error, subject);
}

static void begin(void) {
    const uint8_t *drive_guessed = (const uint8_t *)ENTRY_DRIVE_ADDR + 1;

    boot_info.magic = BOOT_MAGIC;
    boot_info.version = BOOT_INFO_VERSION;
    boot_info.size = sizeof(boot_info);
    boot_info.loader_phys = BOOT_INFO_ADDR;
    boot_info.loader_phys_end = LOADER_END;
    boot_info.map_phys = (uint32_t)memory_map;
    boot_info.raw_map_phys = (uint32_t)raw_memory_map;
    boot_info.steps_phys = (uint32_t)boot_steps;
    boot_info.cmdline_phys = (uint32_t)boot_cmdline;
    if (*drive_guessed == DRIVE_GUESSED) workaround(WORKAROUND_DRIVE_GUESSED);
    if (stage2_was_reread) workaround(WORKAROUND_STAGE2_REREAD);
}

/* How the disk was read and A20 came on: what a report of a new machine should say. */
static void print_methods(void) {
    console_handover();
    pm_switch(pm_methods, 0);
    console_resume();
}

/* The list is shown where somebody asks for it, or BOOT.CFG says how long it waits. */
static void choose_at_start(void) {
    uint32_t typed = keys_drain();
    bool with_steps = typed & TYPED_STEPS, asked = typed & TYPED_LIST;

    if (config_choices.count && (asked || config_choices.timeout))
        with_steps |= menu_choose(asked ? 0 : config_choices.timeout);
    step_mode_init(with_steps || config.step);
}

static enum boot_error load_files(const char **subject) {
    *subject = config.kernel;
    enum boot_error error = load_kernel(config.kernel); /* step: kernel-loaded */
    if (error) return error;
    *subject = 0;
    error = paging_plan();
    if (!error && config.initrd[0]) {
        *subject = config.initrd;
        error = load_initrd(config.initrd);
    }
    for (uint32_t i = 0; !error && i < config.module_count; i++) {
        *subject = config.modules[i].path;
        error = load_module(i);
    }
    return error;
}

/* What cannot be loaded is an end, but where there are choices: then it is time for another. */
static void load_chosen(void) {
    const char *subject;
    enum boot_error error;

    while ((error = load_files(&subject))) {
        if (!config_choices.count) boot_fail(error, subject);
        error_print(error, subject);
        load_forget();
        step_mode_init(menu_choose(0) || config.step);
    }
}

void __attribute__((noreturn)) stage2_main(uint32_t drive);

void stage2_main(uint32_t drive) {
    begin();
    console_init();
    print("Ascent\n");

    disk_init((uint8_t)drive);
    check(partition_find(), 0);
    check(fat_mount(boot_info.partition_lba, partition_sectors), 0);
    check(config_load(CONFIG_PATH), CONFIG_PATH);
    choose_at_start();
    step(STEP_MBR);
    step(STEP_STAGE2);
    if (!chapter_has(4)) checkpoint_end();

    check(cpu_check(), 0); /* step: cpu */
    step(STEP_CPU);

    if (chapter_has(5)) {
        check(a20_enable(), 0); /* step: a20 */
        step(STEP_A20);
    }

    check(memory_detect(), 0); /* step: memory-map */
    step(STEP_MEMORY_MAP);
    if (!chapter_has(7)) checkpoint_end();

    if (chapter_has(11)) {
        facts_collect();
        load_chosen();
        print_methods();
        step(STEP_KERNEL_LOADED);
    }

    if (kernel_kind == KERNEL_LINUX_REAL) { /* the BIOS goes on, so nothing of it is switched off */
        pm_call(pm_linux_real_build, 0);
        step(STEP_LINUX_REAL);
        linux_real_handover();
    }
    console_handover();
    check(a20_keep(), 0);
    boot_info.pic_masks = (uint32_t)(inb(PIC1_MASK_PORT) | inb(PIC2_MASK_PORT) << 8);
    handover();
}

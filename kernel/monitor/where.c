/*
 * where.c: the commands where and swap: each page of a process, a letter for the place it is in; the swap
 * areas, and the hand of the clock that fills them.
 */
#include <fs/file.h>
#include <lib/printk.h>
#include <mm/clock.h>
#include <mm/page_view.h>
#include <mm/swap.h>
#include <mm/user_pages.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <proc/task.h>

#define PAGES_A_LINE 64u

enum place { NOWHERE, ZEROS, OF_FILE, USED, UNUSED, HIDDEN, CACHED, ON_DISK, PLACES };

static const struct {
    char letter;
    const char *meaning;
} places[PLACES] = {
    [NOWHERE] = {'.', "nowhere: never touched"},
    [ZEROS] = {'z', "the page of zeros"},
    [OF_FILE] = {'f', "a frame of a file"},
    [USED] = {'A', "a frame, used since the clock's hand was there"},
    [UNUSED] = {'a', "a frame, not used since"},
    [HIDDEN] = {'h', "a frame that nobody may use"},
    [CACHED] = {'c', "a frame, on its way from or to the swap slot that it has"},
    [ON_DISK] = {'s', "a swap slot, on the disk"},
};

static enum place place_of(const struct page_view *view) {
    switch (view->reason) {
    case PAGE_OF_ZEROS: return ZEROS;
    case PAGE_OWN:
    case PAGE_OF_FAMILY: return view->accessed ? USED : UNUSED;
    case PAGE_OF_FILE:
    case PAGE_TO_COPY: return OF_FILE;
    case PAGE_HIDDEN: return HIDDEN;
    case PAGE_SWAP_CACHED: return CACHED;
    case PAGE_SWAPPED: return ON_DISK;
    default: return NOWHERE;
    }
}

/* From `at` on, to the end of its line; a line starts at a multiple. Answers where the next one does. */
static uint32_t print_line(const struct mm_struct *mm, const struct vm_area_struct *area,
                           uint32_t at, uint32_t *counts) {
    uint32_t line = PAGES_A_LINE * PAGE_SIZE, end = (at & ~(line - 1)) + line;
    struct page_view view = page_view(mm, area, at);

    if (end > area->end) end = area->end;
    if (view.reason == PAGE_NOT_TOUCHED && view.end >= end) {
        counts[NOWHERE] += (view.end - at) / PAGE_SIZE;
        printk("  %08x  %u pages: nowhere\n", at, (view.end - at) / PAGE_SIZE);
        return view.end;
    }
    printk("  %08x  ", at);
    for (; at < end; at += PAGE_SIZE) {
        view = page_view(mm, area, at);
        enum place place = place_of(&view);
        counts[place]++;
        printk("%c", places[place].letter);
    }
    printk("\n");
    return end;
}

bool command_where(int argc, char **argv) {
    uint32_t pid, counts[PLACES] = {0};
    (void)argc;
    if (!args_count(argv[1], &pid)) return false;

    const struct task *task = task_find(pid);
    const struct mm_struct *mm = task ? task->mm : NULL;
    if (!mm) printk("no process %u with an address space\n", pid);
    for (const struct vm_area_struct *area = mm ? mm->first : NULL; area; area = area->next)
        for (uint32_t at = area->start; at < area->end;) at = print_line(mm, area, at, counts);
    for (unsigned place = 0; place < PLACES; place++)
        if (counts[place])
            printk("%8u  %c  %s\n", counts[place], places[place].letter, places[place].meaning);
    return true;
}

/* ---- swap ---- */

static const struct task *task_in(const struct mm_struct *mm) {
    const struct task *task = task_first();

    while (task && task->mm != mm) task = task->next;
    return task;
}

static void print_hand(void) {
    struct clock_hand hand = clock_hand();
    const struct task *task = hand.mm ? task_in(hand.mm) : NULL;

    if (task) printk("the clock's hand: %s (%u), %08x\n", task->name, task->pid, hand.address);
    else printk("the clock's hand: before the first space\n");
}

bool command_swap(int argc, char **argv) {
    struct swap_view view;
    (void)argc, (void)argv;

    for (unsigned i = 0; i < SWAP_AREAS; i++)
        if (swap_view(i, &view))
            printk("%s: %u slots, %u in use\n", view.device->name, view.pages, view.used);
    printk("slots: %u, free %u; frames in the swap cache: %u\n", swap_total(), swap_free(),
           swap_cached());
    printk("pages written %u, read %u\n", swap_counts.out, swap_counts.in);
    print_hand();
    return true;
}

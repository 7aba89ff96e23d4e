/*
 * oom.c: memory is used up, and a program needs a page. Whoever asks for the last one is seldom who took
 * the others: the largest ends.
 *
 * Its memory is taken at once, and not when it runs next: it never sees ring 3 again, and to the kernel
 * its addresses are bad ones from now on (Linux: the OOM reaper).
 */
#include <ascent/chapter.h>
#include <dev/console.h>
#include <lib/printk.h>
#include <mm/buddy.h>
#include <mm/mm_struct.h>
#include <mm/reclaim.h>
#include <mm/swap.h>
#include <proc/oom.h>
#include <proc/task_private.h>

uint32_t oom_all_pages(void) {
    return pages_total() - pages_of(OWNER_BEYOND) + swap_total();
}

/* As Linux's oom_badness(). */
uint32_t oom_score(const struct task *task) {
    const int32_t adj = task->proc->signal->oom_score_adj;
    int64_t pages;

    if (!task->mm || adj == OOM_SCORE_ADJ_NEVER) return 0;
    pages = (int64_t)mm_resident(task->mm) + task->mm->swapped + mm_table_pages(task->mm);
    pages += (int64_t)oom_all_pages() * adj / OOM_SCORE_ADJ_MOST;
    return pages > 0 ? (uint32_t)pages : 1;
}

static bool is_init(const struct task *task) {
    const struct task *init = task_find(1);

    return task->tgid == 1 || (init && task->mm == init->mm);
}

/* Of those that are as large, the youngest: a child that has touched nothing yet is as large as its
 * parent, who may still do something about it. */
static struct task *largest(void) {
    struct task *found = NULL;
    uint32_t most = 1;

    for (struct task *task = task_first(); task; task = task->next) {
        if (!task->mm || !task->mm->first || !task->proc->signal || is_init(task)) continue;
        uint32_t score = oom_score(task);
        if (score < most) continue;
        most = score;
        found = task;
    }
    return found;
}

static uint32_t kb(uint32_t pages) {
    return pages << (PAGE_SHIFT - 10);
}

/* Begins a line about who has no frame. */
static void begin_line(void) {
    printk("%s (pid %u): no frame is left: ", current->name, current->tgid);
}

/* Why: where they all are. */
static void print_memory(void) {
    console_fresh_line();
    for (unsigned id = 0; id < ZONES; id++) {
        const struct zone *zone = zone_stats((enum zone_id)id);
        if (!zone->managed) continue;
        begin_line();
        printk("%s: %u KB, of which %u KB are free, %u KB is min\n", zone->name, kb(zone->managed),
               kb(zone->free), kb(zone->min));
    }
    begin_line();
    printk("programs %u KB, files %u KB, file cache %u KB, slabs %u KB, page tables %u KB; swap %u KB, of "
           "which %u KB are free\n",
           kb(pages_of(OWNER_USER)), kb(pages_of(OWNER_FILE) + pages_of(OWNER_SHMEM)), kb(pages_of(OWNER_CACHE)),
           kb(pages_of(OWNER_SLAB) + pages_of(OWNER_KMALLOC)), kb(pages_of(OWNER_PAGE_TABLE)),
           kb(swap_total()), kb(swap_free()));
}

static void print_victim(const struct task *victim) {
    const struct mm_struct *mm = victim->mm;

    begin_line();
    printk("the highest score has %s (pid %u): %u of %u pages, oom_score_adj %d\n", victim->name,
           victim->tgid, oom_score(victim), oom_all_pages(), victim->proc->signal->oom_score_adj);
    if (mm == current->mm) return; /* its own end has a line of its own */
    printk("%s (pid %u): out of memory: ended as the largest, with %u KB", victim->name,
           victim->tgid, kb(mm_resident(mm)));
    if (mm->swapped) printk(", %u KB in swap", kb(mm->swapped));
    printk(" and %u KB of page tables; %s (pid %u) wanted more\n", kb(mm_table_pages(mm)),
           current->name, current->tgid);
}

/* Who is on the way to its end already is not told of again: its memory just goes at once. */
bool oom_kill(void) {
    const struct task *victim = largest();
    const bool ends = victim && victim->proc->signal->exiting;

    if (!ends) print_memory();
    if (!victim || !chapter_has(27)) return false;
    if (!ends) {
        print_victim(victim);
        reclaim_counts.oom_kills++;
    }
    if (victim->mm == current->mm) return false;
    struct mm_struct *mm = victim->mm;
    for (struct task *task = task_first(); task; task = task->next)
        if (task->mm == mm) signal_kill(task->proc->signal, SIGKILL);
    mm_empty(mm);
    return true;
}

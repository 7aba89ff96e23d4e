/*
 * oom.c: memory is used up, and a program needs a page. Whoever asks for the last one is seldom who took
 * the others: the largest ends.
 *
 * Its memory is taken at once, and not when it runs next: it never sees ring 3 again, and to the kernel
 * its addresses are bad ones from now on (Linux: the OOM reaper).
 */
#include <dev/console.h>
#include <lib/printk.h>
#include <mm/mm_struct.h>
#include <proc/oom.h>
#include <proc/task_private.h>

static uint32_t resident(const struct mm_struct *mm) {
    return mm->rss_anon + mm->rss_file + mm->rss_shmem;
}

static uint32_t badness(const struct task *task) {
    return resident(task->mm) + mm_table_pages(task->mm);
}

static bool is_init(const struct task *task) {
    const struct task *init = task_find(1);

    return task->tgid == 1 || (init && task->mm == init->mm);
}

/* Of those that are as large, the youngest: a child that has touched nothing yet is as large as its
 * parent, who may still do something about it. */
static struct task *largest(void) {
    struct task *found = NULL;
    uint32_t most = 0;

    for (struct task *task = task_first(); task; task = task->next) {
        if (!task->mm || !task->mm->first || !task->proc->signal || is_init(task)) continue;
        uint32_t pages = badness(task);
        if (pages < most) continue;
        most = pages;
        found = task;
    }
    return found;
}

bool oom_kill(void) {
    const struct task *victim = largest();

    if (!victim || victim->mm == current->mm) return false;
    struct mm_struct *mm = victim->mm;
    console_fresh_line();
    printk("%s (pid %u): out of memory: ended as the largest, with %u KB and %u KB of page tables; "
           "%s (pid %u) wanted more\n",
           victim->name, victim->tgid, resident(mm) << (PAGE_SHIFT - 10),
           mm_table_pages(mm) << (PAGE_SHIFT - 10), current->name, current->tgid);
    for (struct task *task = task_first(); task; task = task->next)
        if (task->mm == mm) signal_kill(task->proc->signal, SIGKILL);
    mm_empty(mm);
    return true;
}

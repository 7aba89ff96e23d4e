/*
 * space.c: the command vm: the address space of a process, its areas beside what its page tables
 * say.
 */
#include <fs/file.h>
#include <lib/printk.h>
#include <mm/page_view.h>
#include <monitor/args.h>
#include <monitor/commands.h>
#include <proc/task.h>

static void print_areas(const struct mm_struct *mm);
static void print_pages(const struct mm_struct *mm, uint32_t address);

/* "vm <pid>": all areas. "vm <pid> <address>": each page of the area that holds the address. */
bool command_vm(int argc, char **argv) {
    uint32_t pid, address = 0;
    if (!args_count(argv[1], &pid) || (argc > 2 && !args_hex(argv[2], 0, &address))) return false;

    const struct task *task = task_find(pid);
    if (!task || !task->mm) {
        printk(task ? "%u is a kernel thread: it has no address space of its own\n"
                    : "no process %u\n",
               pid);
        return true;
    }
    const struct mm_struct *mm = task->mm;
    printk("%s (%u): %s paging, root at %08llx, %u user%s\n", task->name, pid, mm->pt.mode->name,
           mm->pt.root.value, mm->users, mm->users == 1 ? "" : "s");
    if (argc > 2)
        print_pages(mm, address);
    else
        print_areas(mm);
    return true;
}

static void print_area(const struct vm_area_struct *area) {
    char name[64] = "";

    if (area->file) file_path(area->file, name, sizeof name);
    printk("%08x-%08x %c%c%c%c %6u KB  %s\n", area->start, area->end - 1,
           area->flags & VM_READ ? 'r' : '-', area->flags & VM_WRITE ? 'w' : '-',
           area->flags & VM_EXEC ? 'x' : '-', area->flags & VM_SHARED ? 's' : 'p',
           (area->end - area->start) / 1024,
           area->file                   ? name
           : area->flags & VM_HEAP      ? "heap"
           : area->flags & VM_GROWSDOWN ? "stack"
                                        : "anonymous");
}

/* How many pages of the area there are for each reason. */
static void print_reasons(const struct mm_struct *mm, const struct vm_area_struct *area) {
    uint32_t pages[PAGE_REASONS] = {0};

    for (uint32_t at = area->start; at < area->end;) {
        struct page_view view = page_view(mm, area, at);
        pages[view.reason] += (view.end - view.start) / PAGE_SIZE;
        at = view.end;
    }
    for (unsigned reason = 0; reason < PAGE_REASONS; reason++)
        if (pages[reason])
            printk("  %8u  %s\n", pages[reason], page_reason_name((enum page_reason)reason));
}

static void print_areas(const struct mm_struct *mm) {
    for (const struct vm_area_struct *area = mm->first; area; area = area->next) {
        print_area(area);
        print_reasons(mm, area);
    }
    printk("%u areas, %u pages; in memory %u of its own, %u of files, %u shared; %u on the disk\n",
           mm->areas, mm->total_vm, mm->rss_anon, mm->rss_file, mm->rss_shmem, mm->swapped);
    printk("%u faults: %u pages of zeros, %u copies on write, %u frames kept by the last user\n",
           mm->minor_faults + mm->major_faults, mm->zero_maps, mm->cow_copies, mm->cow_reuses);
}

static void print_page(const struct page_view *view) {
    printk("  %08x ", view->start);
    if (view->reason == PAGE_NOT_TOUCHED)
        printk("%5u pages             %s\n", (view->end - view->start) / PAGE_SIZE,
               page_reason_name(view->reason));
    else if (view->reason == PAGE_SWAPPED)
        printk("swap%u %5x x%-3u -----  %s\n", view->area, view->slot, view->users,
               page_reason_name(view->reason));
    else
        printk("frame %5x x%-3u %c%c%c%c%c  %s\n", view->frame, view->users,
               view->readable ? 'r' : '-', view->writable ? 'w' : '-', view->executable ? 'x' : '-',
               view->accessed ? 'A' : '-', view->dirty ? 'D' : '-', page_reason_name(view->reason));
}

static void print_pages(const struct mm_struct *mm, uint32_t address) {
    const struct vm_area_struct *area = vma_find(mm, address);

    if (!area || area->start > address) {
        printk("no area has %08x\n", address);
        return;
    }
    print_area(area);
    for (uint32_t at = area->start; at < area->end;) {
        struct page_view view = page_view(mm, area, at);
        print_page(&view);
        at = view.end;
    }
}

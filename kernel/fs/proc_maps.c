/*
 * proc_maps.c: the memory of a process, as files: its areas (maps), each of its pages (pages), its
 * arguments and its environment, which lie in it.
 */
#include <fs/file.h>
#include <fs/proc.h>
#include <lib/string.h>
#include <mm/kmap.h>
#include <mm/page_view.h>
#include <mm/user_pages.h>
#include <proc/task.h>

#define NAME_COLUMN 49 /* where Linux puts the name of an area */
#define PATH_ROOM 200
#define ENVIRON_MAX 0x20000u /* as much of it as is shown */

/* ---- areas ---- */

static const char *area_name(const struct mm_struct *mm, const struct vm_area_struct *area,
                             char *path) {
    if (area->file) {
        file_path(area->file, path, PATH_ROOM);
        return path;
    }
    if (area->flags & VM_HEAP) return "[heap]";
    if (area->start <= mm->start_stack && mm->start_stack < area->end) return "[stack]";
    return "";
}

static void print_area(struct text *text, const struct mm_struct *mm,
                       const struct vm_area_struct *area) {
    uint32_t device = area->file ? file_device(area->file) : 0, start = text->length;
    char path[PATH_ROOM];

    text_print(text, "%08x-%08x %c%c%c%c %08x %02x:%02x %u ", area->start, area->end,
               area->flags & VM_READ ? 'r' : '-', area->flags & VM_WRITE ? 'w' : '-',
               area->flags & VM_EXEC ? 'x' : '-', area->flags & VM_SHARED ? 's' : 'p',
               area->file ? area->pgoff << PAGE_SHIFT : 0, device >> 8 & 0xFFF, device & 0xFF,
               area->file ? file_inode_number(area->file) : 0);
    const char *name = area_name(mm, area, path);
    uint32_t width = text->length - start;
    if (*name) text_print(text, "%*s%s", width < NAME_COLUMN ? (int)(NAME_COLUMN - width) : 0, "", name);
    text_print(text, "\n");
}

void proc_maps(struct text *text, struct task *task) {
    if (!task->mm) return;
    for (const struct vm_area_struct *area = task->mm->first; area; area = area->next)
        print_area(text, task->mm, area);
}

/* ---- pages ---- */

static void print_page(struct text *text, const struct page_view *view) {
    if (view->reason == PAGE_NOT_TOUCHED) return;
    if (view->reason == PAGE_SWAPPED) {
        text_print(text, "%08x swap%u %6x --- x%u %s\n", view->start, view->area, view->slot,
                   view->users, page_reason_name(view->reason));
        return;
    }
    text_print(text, "%08x frame %6x %c%c%c x%u %s\n", view->start, view->frame,
               view->readable ? 'r' : '-', view->writable ? 'w' : '-',
               view->executable ? 'x' : '-', view->users, page_reason_name(view->reason));
}

void proc_pages(struct text *text, struct task *task) {
    char path[PATH_ROOM];

    if (!task->mm) return;
    for (const struct vm_area_struct *area = task->mm->first; area; area = area->next) {
        text_print(text, "%08x-%08x %s\n", area->start, area->end,
                   area_name(task->mm, area, path));
        for (uint32_t address = area->start; address < area->end;) {
            struct page_view view = page_view(task->mm, area, address);
            print_page(text, &view);
            address = view.end;
        }
    }
}

/* ---- memory of a space that need not be loaded ---- */

/* The frame of an address, with a reference: from the disk if it is there. A null pointer: there is none, or
 * it cannot come. */
static struct page *frame_at(struct mm_struct *mm, uint32_t address) {
    struct pte pte = pte_find(&mm->pt, virt_addr(address));

    if (pte_is_swapped(pte.value)) {
        (void)mm_fault(mm, address, FAULT_READ, address, BLOCK_HLT);
        pte = pte_find(&mm->pt, virt_addr(address));
    }
    if (!(pte.value & PTE_PRESENT)) return 0;
    struct page *page = entry_frame(mm->pt.mode, pte.value);
    get_page(page);
    return page;
}

/* Adds [start, end) of it, as far as it is there now. More room for the text may put the page out:
 * so there is a reference. */
static void add_memory(struct text *text, struct mm_struct *mm, uint32_t start, uint32_t end) {
    while (start < end) {
        uint32_t in_page = start % PAGE_SIZE, bytes = PAGE_SIZE - in_page;
        struct page *page = frame_at(mm, start);
        uint8_t *memory = page ? kmap(page) : 0;
        if (bytes > end - start) bytes = end - start;
        if (memory) {
            text_add(text, memory + in_page, bytes);
            kunmap(page);
        }
        if (page) user_page_put(page);
        if (!memory) return;
        start += bytes;
    }
}

static uint32_t shown_end(uint32_t start, uint32_t end) {
    return end > start && end - start > ENVIRON_MAX ? start + ENVIRON_MAX : end;
}

void proc_cmdline(struct text *text, struct task *task) {
    struct mm_struct *mm = task->mm;
    if (mm) add_memory(text, mm, mm->arg_start, shown_end(mm->arg_start, mm->arg_end));
}

void proc_environ(struct text *text, struct task *task) {
    struct mm_struct *mm = task->mm;
    if (mm) add_memory(text, mm, mm->env_start, shown_end(mm->env_start, mm->env_end));
}

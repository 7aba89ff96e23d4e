/*
 * elf.c: load_elf_binary: the segments of a program become areas of a space (ELF §2-2). Nothing is
 * read: pages come in when they are touched (mm/fault.c).
 *
 *            file                       memory
 *   offset   +-----------+ filesz       +-----------+ vaddr, rounded down to a page
 *            | segment   |              | as in the file: a private map
 *            +-----------+              +-----------+ vaddr + filesz
 *                                       | zeros up to the end of the page: cleared by hand
 *                                       +-----------+
 *                                       | zeros: anonymous memory
 *                                       +-----------+ vaddr + memsz, rounded up
 */
#include <ascent/layout.h>
#include <fs/file.h>
#include <lib/errno.h>
#include <lib/string.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/elf.h>
#include <proc/exec.h>

#define SEGMENTS_BYTES_MAX 65536u /* as Linux */
#define PATH_MAX 4096u

/* Where ET_DYN programs go that ask for an interpreter: below the maps, as in Linux i386. */
#define DYN_BASE 0x00400000u
#define BRK_RANDOM_PAGES 8192u

/* A file that is loaded: the program, or its interpreter. */
struct image {
    struct file *file;
    struct elf_header header;
    struct elf_segment *segments;
    uint32_t bias; /* what is added to the addresses in the file */
    uint32_t end_code, start_code, end_data, start_data, end; /* with the bias */
};

static int32_t check(const struct elf_header *header, int32_t error);
static int32_t read_segments(struct image *image);
static int32_t open_interpreter(struct image *program, struct image *interpreter);
static int32_t place(struct exec *exec, struct image *image, uint32_t wanted);
static int32_t map_all(struct exec *exec, struct image *image);
static void describe(struct exec *exec, const struct image *program, const struct image *interpreter);

static uint32_t page_down(uint32_t address) {
    return address & ~(PAGE_SIZE - 1u);
}

static uint32_t page_up(uint32_t address) {
    return page_down(address + PAGE_SIZE - 1);
}

int32_t elf_load(struct exec *exec) {
    struct image program = {.file = exec->file}, interpreter = {0};
    int32_t error;

    memcpy(&program.header, exec->head, sizeof program.header);
    error = check(&program.header, -ENOEXEC);
    if (!error) error = read_segments(&program);
    if (!error) error = open_interpreter(&program, &interpreter);
    if (!error) {
        bool below = program.header.type == ET_DYN && interpreter.file;
        error = place(exec, &program, below ? DYN_BASE + exec_random_pages(MMAP_RANDOM_PAGES) : 0);
    }
    if (!error) error = map_all(exec, &program);
    if (!error && interpreter.file) error = place(exec, &interpreter, 0);
    if (!error && interpreter.file) error = map_all(exec, &interpreter);
    if (!error) describe(exec, &program, &interpreter);
    if (interpreter.file) file_put(interpreter.file);
    kfree(interpreter.segments);
    kfree(program.segments);
    return error;
}

/* ---- what is in the file ---- */

static int32_t check(const struct elf_header *header, int32_t error) {
    if (header->magic != ELF_MAGIC) return error;
    if (header->class != ELF_CLASS_32 || header->data != ELF_DATA_LITTLE) return error;
    if (header->machine != EM_386) return error;
    if (header->type != ET_EXEC && header->type != ET_DYN) return error;
    if (header->phentsize != sizeof(struct elf_segment) || header->phnum == 0) return error;
    return header->phnum * sizeof(struct elf_segment) > SEGMENTS_BYTES_MAX ? error : 0;
}

static int32_t read_segments(struct image *image) {
    uint32_t bytes = image->header.phnum * sizeof(struct elf_segment);

    image->segments = kmalloc(bytes, GFP_KERNEL);
    if (!image->segments) return -ENOMEM;
    int32_t got = file_read_kernel(image->file, image->segments, bytes, image->header.phoff);
    if (got < 0) return got;
    return (uint32_t)got < bytes ? -ENOEXEC : 0;
}

static const struct elf_segment *find(const struct image *image, uint32_t type) {
    for (unsigned i = 0; i < image->header.phnum; i++)
        if (image->segments[i].type == type) return &image->segments[i];
    return NULL;
}

/* The name is in the file, with a NUL. */
static int32_t read_name(struct file *file, const struct elf_segment *segment, char *name) {
    if (segment->filesz < 2 || segment->filesz > PATH_MAX) return -ENOEXEC;
    int32_t got = file_read_kernel(file, name, segment->filesz, segment->offset);
    if (got < 0) return got;
    return (uint32_t)got < segment->filesz || name[segment->filesz - 1] ? -ENOEXEC : 0;
}

static int32_t open_interpreter(struct image *program, struct image *interpreter) {
    const struct elf_segment *segment = find(program, PT_INTERP);

    if (!segment) return 0;
    char *name = kmalloc(PATH_MAX, GFP_KERNEL);
    if (!name) return -ENOMEM;
    int32_t error = read_name(program->file, segment, name);
    if (!error) error = file_open_exec(name, &interpreter->file);
    kfree(name);
    if (error) return error;
    struct elf_header *header = &interpreter->header;
    int32_t got = file_read_kernel(interpreter->file, header, sizeof *header, 0);
    if (got < 0) return got;
    if ((uint32_t)got < sizeof *header) return -EIO;
    error = check(header, -ELIBBAD);
    if (error) return error;
    error = read_segments(interpreter);
    return error == -ENOEXEC ? -ELIBBAD : error;
}

/* ---- where it goes ---- */

/* Each segment lies in the user half, and they do not go backwards. Finds the whole extent. */
static int32_t extent(const struct image *image, uint32_t *start, uint32_t *end) {
    *start = *end = 0;
    for (unsigned i = 0; i < image->header.phnum; i++) {
        const struct elf_segment *segment = &image->segments[i];
        if (segment->type != PT_LOAD) continue;
        if (segment->filesz > segment->memsz || segment->vaddr >= PAGE_OFFSET ||
            segment->memsz > PAGE_OFFSET - segment->vaddr)
            return -EINVAL;
        if (*end == 0) *start = page_down(segment->vaddr);
        if (segment->vaddr < *start) return -EINVAL;
        if (segment->vaddr + segment->memsz > *end) *end = segment->vaddr + segment->memsz;
    }
    *end = page_up(*end);
    return *end > *start ? 0 : -EINVAL;
}

/* ET_EXEC goes where it says. For the others a hole of the whole size is looked for. */
static int32_t place(struct exec *exec, struct image *image, uint32_t wanted) {
    uint32_t start, end;
    int32_t error = extent(image, &start, &end);

    if (error || image->header.type == ET_EXEC) return error;
    int32_t at = mm_mmap(exec->mm, wanted, end - start, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
    if (at < 0 && at > -4096) return at;
    mm_munmap(exec->mm, (uint32_t)at, end - start);
    image->bias = (uint32_t)at - start;
    return 0;
}

/* ---- the segments ---- */

static uint32_t protection(const struct elf_segment *segment) {
    return (segment->flags & PF_R ? PROT_READ : 0) | (segment->flags & PF_W ? PROT_WRITE : 0) |
           (segment->flags & PF_X ? PROT_EXEC : 0);
}

static int32_t map(struct mm_struct *mm, uint32_t at, uint32_t bytes, uint32_t prot, uint32_t how,
                   struct file *file, uint32_t pgoff) {
    int32_t got = mm_mmap(mm, at, bytes, prot, MAP_PRIVATE | how, file, pgoff);
    return got < 0 && got > -4096 ? got : 0;
}

static int32_t map_file_part(struct exec *exec, const struct image *image,
                             const struct elf_segment *segment, bool first) {
    uint32_t start = image->bias + segment->vaddr, offset = start % PAGE_SIZE;
    uint32_t how = first ? MAP_FIXED_NOREPLACE : MAP_FIXED;

    if (segment->filesz == 0) return 0;
    if (segment->offset % PAGE_SIZE != offset) return -EINVAL;
    return map(exec->mm, start - offset, page_up(segment->filesz + offset), protection(segment), how,
               image->file, segment->offset >> PAGE_SHIFT);
}

/* What is behind the end of the file's part in its last page belongs to the file: zeros instead. */
static int32_t map_zeros(struct exec *exec, const struct image *image,
                         const struct elf_segment *segment) {
    uint32_t file_end = image->bias + segment->vaddr + segment->filesz;
    uint32_t end = image->bias + segment->vaddr + segment->memsz;
    uint32_t zeros = segment->filesz ? page_up(file_end) : page_down(file_end);

    if (segment->memsz == segment->filesz) return 0;
    if (segment->filesz && file_end < zeros && segment->flags & PF_W) {
        uint32_t bytes = (zeros < end ? zeros : page_up(end)) - file_end;
        if (clear_user_left(file_end, bytes)) return -ENOMEM;
    }
    if (page_up(end) <= zeros) return 0;
    return map(exec->mm, zeros, page_up(end) - zeros, protection(segment), MAP_FIXED | MAP_ANONYMOUS,
               NULL, 0);
}

/* For /proc, and for where the heap begins. */
static void note(struct image *image, const struct elf_segment *segment) {
    uint32_t start = image->bias + segment->vaddr, file_end = start + segment->filesz;

    if (segment->flags & PF_X) {
        if (!image->start_code) image->start_code = start;
        image->end_code = file_end;
    }
    image->start_data = start;
    if (file_end > image->end_data) image->end_data = file_end;
    if (start + segment->memsz > image->end) image->end = start + segment->memsz;
}

static int32_t map_all(struct exec *exec, struct image *image) {
    bool first = true;

    for (unsigned i = 0; i < image->header.phnum; i++) {
        const struct elf_segment *segment = &image->segments[i];
        if (segment->type != PT_LOAD || segment->memsz == 0) continue;
        int32_t error = map_file_part(exec, image, segment, first);
        if (!error) error = map_zeros(exec, image, segment);
        if (error) return error;
        note(image, segment);
        first = false;
    }
    return 0;
}

/* The segment that holds the program headers says where they are in memory. */
static uint32_t headers_address(const struct image *image) {
    for (unsigned i = 0; i < image->header.phnum; i++) {
        const struct elf_segment *segment = &image->segments[i];
        uint32_t offset = image->header.phoff - segment->offset;
        if (segment->type == PT_LOAD && image->header.phoff >= segment->offset &&
            offset < segment->filesz)
            return image->bias + segment->vaddr + offset;
    }
    return 0;
}

static void describe(struct exec *exec, const struct image *program,
                     const struct image *interpreter) {
    struct mm_struct *mm = exec->mm;

    exec->phdr = headers_address(program);
    exec->phent = sizeof(struct elf_segment);
    exec->phnum = program->header.phnum;
    exec->entry = exec->start = program->bias + program->header.entry;
    if (interpreter->file) {
        exec->base = interpreter->bias;
        exec->start = interpreter->bias + interpreter->header.entry;
    }
    mm->start_code = program->start_code;
    mm->end_code = program->end_code;
    mm->start_data = program->start_data;
    mm->end_data = program->end_data;
    /* A static PIE lies among the maps, where its heap would have no room to grow. */
    uint32_t heap = program->header.type == ET_DYN && !interpreter->file ? DYN_BASE : page_up(program->end);
    mm->start_brk = mm->brk = heap + exec_random_pages(BRK_RANDOM_PAGES);
}

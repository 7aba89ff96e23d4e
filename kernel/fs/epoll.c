/*
 * epoll.c: lists of files that somebody waits for: epoll.h says how they work.
 */
#include <fs/epoll.h>
#include <fs/poll.h>
#include <lib/errno.h>
#include <lib/irq.h>
#include <mm/kmalloc.h>
#include <mm/uaccess.h>
#include <proc/clock.h>
#include <proc/task.h>

#define ITEMS_MAX 16384u /* in all lists: one process could fill the kernel's memory */
#define ALWAYS (POLLERR | POLLHUP)
#define BEHAVIOUR (EPOLLONESHOT | EPOLLET | 3u << 28) /* how to tell, not what: EPOLLWAKEUP, EPOLLEXCLUSIVE too */

/* A file in a list. It holds no reference: to close a file is to take it out (epoll(7), Q6). */
struct item {
    struct item *next;
    struct epoll *list;
    struct file *file;
    uint32_t fd;
    struct epoll_event event;
    bool hot; /* something has happened since it was last found to be quiet, or it is still as it was told */
    struct wait_entry entries[QUEUES_PER_FILE];
    uint32_t queues;
};

struct epoll {
    struct epoll *next; /* of all */
    struct item *first;
    struct wait_queue wait;
};

static struct epoll *lists;
static uint32_t items;

static const struct file_operations epoll_operations;

bool is_epoll(const struct file *file) {
    return file->ops == &epoll_operations;
}

/* ---- its life ---- */

int epoll_make(struct file **file) {
    struct epoll *list = kzalloc(sizeof *list, GFP_KERNEL);

    if (!list) return -ENOMEM;
    int error = file_in_memory("anon_inode:[eventpoll]", 0, file);
    if (error) {
        kfree(list);
        return error;
    }
    (*file)->ops = &epoll_operations;
    (*file)->private = list;
    list->next = lists;
    lists = list;
    return 0;
}

/* From an interrupt handler too. */
static void woken(struct wait_entry *entry) {
    struct item *item = entry->with;

    item->hot = true;
    wake_up(&item->list->wait);
}

static void take_out(struct item **link) {
    struct item *item = *link;

    for (uint32_t i = 0; i < item->queues; i++) wait_remove(&item->entries[i]);
    *link = item->next;
    items--;
    kfree(item);
}

static void release(struct file *file) {
    struct epoll *list = file->private, **link = &lists;

    while (list->first) take_out(&list->first);
    while (*link != list) link = &(*link)->next;
    *link = list->next;
    kfree(list);
}

void epoll_forget(const struct file *file) {
    for (struct epoll *list = lists; list; list = list->next)
        for (struct item **link = &list->first; *link;)
            if ((*link)->file == file) take_out(link);
            else link = &(*link)->next;
}

/* ---- what is in it ---- */

static struct item **find(struct epoll *list, const struct file *file, uint32_t fd) {
    struct item **link = &list->first;

    while (*link && ((*link)->file != file || (*link)->fd != fd)) link = &(*link)->next;
    return link;
}

static struct item **last(struct epoll *list) {
    struct item **link = &list->first;

    while (*link) link = &(*link)->next;
    return link;
}

int epoll_add(struct file *file_of_list, struct file *file, uint32_t fd, const struct epoll_event *event) {
    struct epoll *list = file_of_list->private;

    if (!file->ops->poll) return -EPERM;
    if (is_epoll(file)) return -ELOOP;
    if (*find(list, file, fd)) return -EEXIST;
    if (items >= ITEMS_MAX) return -ENOSPC;
    struct item *item = kzalloc(sizeof *item, GFP_KERNEL);
    if (!item) return -ENOMEM;
    items++;
    *item = (struct item){.list = list, .file = file, .fd = fd, .event = *event};
    item->event.events |= ALWAYS;
    struct poll_table table = {.entries = item->entries, .size = QUEUES_PER_FILE, .wake = woken, .with = item};
    (void)file->ops->poll(file, &table);
    item->queues = table.used;
    item->hot = true; /* what it is already counts as new */
    *last(list) = item;
    wake_up(&list->wait);
    return 0;
}

int epoll_modify(struct file *file_of_list, const struct file *file, uint32_t fd,
                 const struct epoll_event *event) {
    struct epoll *list = file_of_list->private;
    struct item *item = *find(list, file, fd);

    if (!item) return -ENOENT;
    item->event = *event;
    item->event.events |= ALWAYS;
    item->hot = true;
    wake_up(&list->wait);
    return 0;
}

int epoll_remove(struct file *file_of_list, const struct file *file, uint32_t fd) {
    struct epoll *list = file_of_list->private;
    struct item **link = find(list, file, fd);

    if (!*link) return -ENOENT;
    take_out(link);
    return 0;
}

/* ---- asking ---- */

/* What of its events has come. `hot` goes first, so that what happens meanwhile is not lost. */
static uint32_t ask(struct item *item) {
    uint32_t wanted = item->event.events & ~BEHAVIOUR;

    if (!item->hot) return 0;
    item->hot = false;
    if (!wanted) return 0; /* told once, and not armed again: EPOLLONESHOT */
    return item->file->ops->poll(item->file, 0) & wanted;
}

/* Level: it is told again as long as it is so. Edge: not before something happens again. */
static void note_told(struct item *item) {
    if (item->event.events & EPOLLONESHOT) item->event.events &= BEHAVIOUR;
    else if (!(item->event.events & EPOLLET)) item->hot = true;
}

/* What was told goes behind the others, so that with little room each has its turn. */
int32_t epoll_collect(struct file *file_of_list, uint32_t user, uint32_t most) {
    struct epoll *list = file_of_list->private;
    struct item *told = NULL, **end = &told, **link = &list->first;
    int32_t count = 0, error = 0;

    while (*link && (uint32_t)count < most && !error) {
        struct item *item = *link;
        const struct epoll_event event = {ask(item), item->event.data};
        if (!event.events) {
            link = &item->next;
            continue;
        }
        error = copy_to_user(user + (uint32_t)count * (uint32_t)sizeof event, &event, sizeof event);
        if (error) {
            item->hot = true; /* nobody has heard of it */
            continue;
        }
        note_told(item);
        count++;
        *link = item->next;
        *end = item;
        end = &item->next;
    }
    *end = NULL;
    *last(list) = told;
    return count ? count : error;
}

static bool any_hot(const struct epoll *list) {
    for (const struct item *item = list->first; item; item = item->next)
        if (item->hot) return true;
    return false;
}

int epoll_sleep(struct file *file_of_list, uint64_t until) {
    struct epoll *list = file_of_list->private;
    struct wait_entry entry;

    wait_add(&list->wait, &entry);
    int error = any_hot(list) ? 0 : task_sleep(clock_ticks_until(until));
    wait_remove(&entry);
    return error;
}

/* A list is itself something to be polled. */
static uint32_t poll(struct file *file, struct poll_table *table) {
    struct epoll *list = file->private;

    poll_wait(table, &list->wait);
    for (struct item *item = list->first; item; item = item->next) {
        bool hot = item->hot;
        if (!ask(item)) continue;
        item->hot = hot;
        return POLLIN | POLLRDNORM;
    }
    return 0;
}

static const struct file_operations epoll_operations = {.release = release, .poll = poll, .no_seek = true};

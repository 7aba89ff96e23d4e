/*
 * page_tree.c: the frames of a file, by page number, or where they are instead.
 */
#include <fs/page_tree.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/kmalloc.h>
#include <mm/swap.h>

#define SLOT_BITS 6
#define SLOTS (1u << SLOT_BITS)

struct node {
    void *slot[SLOTS];
};

/* The pages that a tree of this height has room for. */
static uint64_t room(uint32_t height) {
    return 1ull << height * SLOT_BITS;
}

static uint32_t slot_of(uint32_t index, uint32_t height) {
    return index >> (height - 1) * SLOT_BITS & (SLOTS - 1);
}

/* What is in the slot of a page. */
static void *find(const struct page_tree *tree, uint32_t index) {
    void *at = tree->top;

    if (index >= room(tree->height)) return 0;
    for (uint32_t height = tree->height; height && at; height--)
        at = ((struct node *)at)->slot[slot_of(index, height)];
    return at;
}

/* The entry of a swap area that is in a slot, or 0: it is a frame's descriptor, or nothing. */
static uint64_t entry_in(const void *slot) {
    uintptr_t value = (uintptr_t)slot;
    return value & PTE_PRESENT ? value & ~(uintptr_t)PTE_PRESENT : 0;
}

struct page *page_tree_find(const struct page_tree *tree, uint32_t index) {
    void *slot = find(tree, index);
    return entry_in(slot) ? 0 : slot;
}

uint64_t page_tree_swapped(const struct page_tree *tree, uint32_t index) {
    return entry_in(find(tree, index));
}

/* One level more above a tree that is not empty. */
static int grow(struct page_tree *tree) {
    struct node *node = kzalloc(sizeof *node, GFP_KERNEL);
    if (!node) return -ENOMEM;
    node->slot[0] = tree->top;
    tree->top = node;
    tree->height++;
    return 0;
}

int page_tree_enter(struct page_tree *tree, uint32_t index, struct page *page) {
    while (index >= room(tree->height)) {
        if (!tree->top) {
            tree->height++; /* an empty tree has any height for nothing */
        } else if (grow(tree)) {
            return -ENOMEM; /* being too high does no harm */
        }
    }
    void **at = &tree->top;
    for (uint32_t height = tree->height; height; height--) {
        if (!*at) *at = kzalloc(sizeof(struct node), GFP_KERNEL);
        if (!*at) return -ENOMEM; /* an empty node above is found again, or goes with the next cut */
        at = &((struct node *)*at)->slot[slot_of(index, height)];
    }
    *at = page;
    tree->pages++;
    return 0;
}

/* A page goes, wherever it is. */
static void give_up(struct page_tree *tree, void **slot) {
    uint64_t entry = entry_in(*slot);

    if (entry)
        swap_put(entry);
    else
        put_page(*slot);
    tree->out -= entry != 0;
    tree->pages--;
    *slot = 0;
}

/* Cuts what is below `at`, from page `first` of it on. */
static void cut(struct page_tree *tree, void **at, uint32_t height, uint64_t first) {
    if (!*at || first >= room(height)) return;
    if (height == 0) {
        give_up(tree, at);
        return;
    }
    struct node *node = *at;
    uint64_t below = room(height - 1);
    bool empty = true;
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint64_t start = i * below;
        if (start + below > first)
            cut(tree, &node->slot[i], height - 1, start < first ? first - start : 0);
        if (node->slot[i]) empty = false;
    }
    if (empty) {
        kfree(node);
        *at = 0;
    }
}

uint32_t page_tree_cut(struct page_tree *tree, uint32_t first) {
    uint32_t before = tree->pages;

    cut(tree, &tree->top, tree->height, first);
    if (!tree->top) tree->height = 0;
    return before - tree->pages;
}

/* The first page of one kind from `from` on: what is in its slot. What is below `at` starts at `base`. */
static void *next(void *at, uint32_t height, uint64_t base, uint64_t from, bool out, uint32_t *index) {
    if (!at || base + room(height) <= from) return 0;
    if (height == 0) {
        if ((entry_in(at) != 0) != out) return 0;
        *index = (uint32_t)base;
        return at;
    }
    void *found = 0;
    uint32_t first = from > base ? (uint32_t)((from - base) >> (height - 1) * SLOT_BITS) : 0;
    for (uint32_t i = first; i < SLOTS && !found; i++)
        found = next(((struct node *)at)->slot[i], height - 1, base + i * room(height - 1), from, out,
                     index);
    return found;
}

struct page *page_tree_next(const struct page_tree *tree, uint32_t *index) {
    if (tree->pages == tree->out) return 0;
    return next(tree->top, tree->height, 0, *index, false, index);
}

uint64_t page_tree_next_swapped(const struct page_tree *tree, uint32_t *index) {
    if (!tree->out) return 0;
    return entry_in(next(tree->top, tree->height, 0, *index, true, index));
}

/* The slot of a page that is there. */
static void **slot_at(struct page_tree *tree, uint32_t index) {
    void **at = &tree->top;

    for (uint32_t height = tree->height; height; height--)
        at = &((struct node *)*at)->slot[slot_of(index, height)];
    return at;
}

void page_tree_put_out(struct page_tree *tree, uint32_t index, uint64_t entry) {
    *slot_at(tree, index) = (void *)(uintptr_t)(entry | PTE_PRESENT);
    tree->out++;
}

void page_tree_bring_in(struct page_tree *tree, uint32_t index, struct page *page) {
    *slot_at(tree, index) = page;
    tree->out--;
}

static bool is_empty(const struct node *node) {
    for (uint32_t i = 0; i < SLOTS; i++)
        if (node->slot[i]) return false;
    return true;
}

/* Takes the page out of what is below `at`, and the nodes that are empty then. */
static void drop(struct page_tree *tree, void **at, uint32_t height, uint32_t index) {
    if (height == 0) {
        give_up(tree, at);
        return;
    }
    struct node *node = *at;
    void **slot = &node->slot[slot_of(index, height)];
    drop(tree, slot, height - 1, index);
    if (*slot || !is_empty(node)) return;
    kfree(node);
    *at = 0;
}

void page_tree_drop(struct page_tree *tree, uint32_t index) {
    drop(tree, &tree->top, tree->height, index);
    if (!tree->top) tree->height = 0;
}

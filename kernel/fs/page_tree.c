/*
 * page_tree.c: the frames of a file, by page number.
 */
#include <fs/page_tree.h>
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/kmalloc.h>

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

struct page *page_tree_find(const struct page_tree *tree, uint32_t index) {
    void *at = tree->top;

    if (index >= room(tree->height)) return 0;
    for (uint32_t height = tree->height; height && at; height--)
        at = ((struct node *)at)->slot[slot_of(index, height)];
    return at;
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
    return 0;
}

/* Cuts what is below `at`, from page `first` of it on. Answers how many pages went. */
static uint32_t cut(void **at, uint32_t height, uint64_t first) {
    if (!*at || first >= room(height)) return 0;
    if (height == 0) {
        put_page(*at);
        *at = 0;
        return 1;
    }
    struct node *node = *at;
    uint64_t below = room(height - 1);
    uint32_t went = 0;
    bool empty = true;
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint64_t start = i * below;
        if (start + below > first)
            went += cut(&node->slot[i], height - 1, start < first ? first - start : 0);
        if (node->slot[i]) empty = false;
    }
    if (empty) {
        kfree(node);
        *at = 0;
    }
    return went;
}

uint32_t page_tree_cut(struct page_tree *tree, uint32_t first) {
    uint32_t went = cut(&tree->top, tree->height, first);
    if (!tree->top) tree->height = 0;
    return went;
}

/* The same below `at`: its pages start at `base`. */
static struct page *next(void *at, uint32_t height, uint64_t base, uint64_t from, uint32_t *index) {
    if (!at || base + room(height) <= from) return 0;
    if (height == 0) {
        *index = (uint32_t)base;
        return at;
    }
    struct page *found = 0;
    for (uint32_t i = 0; i < SLOTS && !found; i++)
        found = next(((struct node *)at)->slot[i], height - 1, base + i * room(height - 1), from, index);
    return found;
}

struct page *page_tree_next(const struct page_tree *tree, uint32_t *index) {
    return next(tree->top, tree->height, 0, *index, index);
}

static bool is_empty(const struct node *node) {
    for (uint32_t i = 0; i < SLOTS; i++)
        if (node->slot[i]) return false;
    return true;
}

/* Takes the page out of what is below `at`, and the nodes that are empty then. */
static void drop(void **at, uint32_t height, uint32_t index) {
    if (height == 0) {
        put_page(*at);
        *at = 0;
        return;
    }
    struct node *node = *at;
    void **slot = &node->slot[slot_of(index, height)];
    drop(slot, height - 1, index);
    if (*slot || !is_empty(node)) return;
    kfree(node);
    *at = 0;
}

void page_tree_drop(struct page_tree *tree, uint32_t index) {
    drop(&tree->top, tree->height, index);
    if (!tree->top) tree->height = 0;
}

/*
 * shmem.c: pages of tmpfs and of shared memory go to swap areas and come back. See shmem.h. Hardware-free.
 *
 * Without a list of who maps a frame nobody can take all its entries out at once. So they go one by
 * one, as the clock passes (Linux 2.4: shmem_writepage() came when the count said that nobody was
 * left), and a page that somebody has mapped and locked stays for all.
 */
#include <lib/errno.h>
#include <mm/buddy.h>
#include <mm/shmem.h>
#include <mm/swap_area.h>
#include <mm/user_pages.h>

static struct shmem *first; /* of all that may go */

/* Where shmem_swap_out() goes on: a null pointer for before the first and behind the last. */
static struct shmem *hand;
static uint32_t hand_index;

void shmem_start(struct shmem *shmem) {
    shmem->next = first;
    shmem->link = &first;
    if (first) first->link = &shmem->next;
    first = shmem;
}

uint32_t shmem_end(struct shmem *shmem) {
    if (hand == shmem) {
        hand = shmem->next;
        hand_index = 0;
    }
    if (shmem->link) *shmem->link = shmem->next;
    if (shmem->link && shmem->next) shmem->next->link = shmem->link;
    shmem->link = NULL;
    return page_tree_cut(&shmem->pages, 0);
}

enum page_owner shmem_owner(const struct shmem *shmem) {
    return shmem->link ? OWNER_SHMEM : OWNER_FILE;
}

/* ---- back ---- */

static uint64_t swapped(const struct shmem *shmem, uint32_t index) {
    return page_tree_swapped(&shmem->pages, index);
}

static int come_back(struct shmem *shmem, uint32_t index, struct page *page);

int shmem_find(struct shmem *shmem, uint32_t index, enum block_wait wait, struct page **page) {
    uint64_t value;

    while ((value = swapped(shmem, index))) {
        struct page *there;
        int error = swap_in(value, wait, &there);
        if (error) return error;
        /* While the disk worked, others may have been faster, or the file has become shorter. As long as
         * somebody has `there`, its slot is not given to another page. */
        if (swapped(shmem, index) == value)
            error = come_back(shmem, index, there);
        else
            user_page_put(there);
        if (error) return error;
    }
    *page = page_tree_find(&shmem->pages, index);
    if (*page) get_page(*page);
    return 0;
}

/* A frame of the swap cache becomes that of the tree, whose slot it has; it takes over the caller's
 * reference. The slot is free then, as soon as nobody is at work there. Where somebody writes the frame to
 * the disk just now, or reads the same slot, it must not change under their hands: the tree gets a copy. */
static int come_back(struct shmem *shmem, uint32_t index, struct page *page) {
    uint64_t value = swap_value(page);
    bool is_ours = page->count == 2 && swap_entries(value) == 1; /* beside the cache and the tree */
    struct page *own = is_ours ? page : copy_page(page);

    if (own) {
        page_tree_bring_in(&shmem->pages, index, own);
        swap_put(value);
        page_set_owner(own, shmem_owner(shmem));
    }
    if (is_ours)
        (void)swap_take(page);
    else
        user_page_put(page);
    return own ? 0 : -ENOMEM;
}

/* ---- looking ---- */

bool shmem_is_away(const struct shmem *shmem, uint32_t index) {
    uint64_t value = swapped(shmem, index);

    return value && !swap_is_cached(value);
}

bool shmem_is_in_memory(const struct shmem *shmem, uint32_t index) {
    uint64_t value = swapped(shmem, index);

    return value ? swap_is_cached(value) : page_tree_find(&shmem->pages, index) != NULL;
}

/* ---- out ---- */

/* A frame that the tree alone has, but for `others` who are about to give it up. */
static bool put_out(struct shmem *shmem, uint32_t index, struct page *page, uint32_t others) {
    if (page->count != 1 + others) return false;
    if (page->flags & PG_REFERENCED) {
        page->flags &= ~(uint32_t)PG_REFERENCED;
        return false;
    }
    page_set_owner(page, OWNER_USER);
    if (!swap_cache_add(page)) {
        page_set_owner(page, OWNER_SHMEM);
        return false;
    }
    uint64_t value = swap_value(page);
    swap_get(value);
    page_tree_put_out(&shmem->pages, index, value);
    put_page(page);
    return true;
}

void shmem_page_out(struct shmem *shmem, uint32_t index, struct page *page) {
    if (page_tree_find(&shmem->pages, index) == page) (void)put_out(shmem, index, page, 1);
}

#define TURNS 2 /* whole ones, after the rest of one: what was used goes in the second */

unsigned shmem_swap_out(unsigned pages, enum zone_id wanted, unsigned looks) {
    unsigned out = 0, turns = 0;

    while (out < pages && looks && (hand || turns < TURNS) && swap_free()) {
        struct page *page = hand ? page_tree_next(&hand->pages, &hand_index) : NULL;
        if (page) {
            looks--;
            if (page_zone(page) <= wanted) out += put_out(hand, hand_index, page, 0);
            hand_index++;
        } else {
            if (!hand) turns++;
            hand = hand ? hand->next : first;
            hand_index = 0;
        }
    }
    return out;
}

/* ---- swapoff ---- */

static int bring_file_back(struct shmem *shmem, const struct swap_area *area, uint32_t *left) {
    uint64_t value;

    for (uint32_t index = 0; *left && (value = page_tree_next_swapped(&shmem->pages, &index)); index++) {
        struct page *page;
        if (swap_area_of(value) != area) continue;
        int error = shmem_find(shmem, index, BLOCK_HLT, &page);
        if (error) return error;
        put_page(page);
        --*left;
    }
    return 0;
}

int shmem_bring_back(const struct swap_area *area, uint32_t *left) {
    int error = 0;

    for (struct shmem *shmem = first; shmem && *left && !error; shmem = shmem->next)
        error = bring_file_back(shmem, area, left);
    return error;
}

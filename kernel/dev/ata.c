/*
 * ata.c: a request to a disk: waits for its turn on the channel, and tries again. A disk that does
 * not answer at all is given up after 4 times 5 s.
 *
 * The interrupt handler ends a request, not the task that waits for it: so whoever waits with HLT
 * gets his turn though no other task runs. For the same reason all who wait look at the clock for
 * the request that is under way, whose ever it is.
 */
#include <block/wait.h>
#include <dev/ata.h>
#include <dev/pit.h>
#include <lib/errno.h>
#include <lib/printk.h>

#define TRIES 4
#define TRIES_BY_DMA 2 /* of these, if it is the DMA that fails */

/* ---- waiting, with interrupts off ---- */

/* Looks for an interrupt that was lost, and at the clock. */
static void watch(struct ata_channel *channel) {
    if (channel->request) ata_progress(channel);
    struct ata_request *request = channel->request;
    if (!request || (int32_t)(jiffies - request->deadline) < 0) return;
    if (request->dma) (void)ata_dma_end(request); /* its frames are somebody else's soon */
    channel->needs_reset = true;
    ata_finish(channel, ATA_TIMED_OUT);
}

static bool channel_is_free(void *with) {
    struct ata_channel *channel = with;

    watch(channel);
    return !channel->request;
}

static bool request_is_done(void *with) {
    struct ata_request *request = with;

    if (!request->done) watch(request->disk->channel);
    return request->done;
}

/* ---- a try ---- */

static void give_up_all(struct ata_channel *channel) {
    for (unsigned i = 0; i < 2; i++)
        if (channel->disks[i]) block_give_up(&channel->disks[i]->device);
}

/* False: the channel is dead. */
static bool bring_back(struct ata_disk *disk) {
    if (!disk->channel->needs_reset) return true;
    disk->device.counters.resets++;
    if (!ata_reset(disk->channel)) {
        give_up_all(disk->channel);
        return false;
    }
    disk->channel->needs_reset = false;
    return true;
}

static void try_once(struct ata_request *request, enum block_wait wait) {
    struct ata_channel *channel = request->disk->channel;

    request->done = false;
    request->moved = 0;
    request->result = ATA_TIMED_OUT;
    block_wait_until(&channel->waiting, channel_is_free, channel, wait);
    if (request->disk->device.dead || !bring_back(request->disk)) return;
    ata_start(request);
    block_wait_until(&channel->waiting, request_is_done, request, wait);
}

/* ---- all tries ---- */

static bool is_fault_of_dma(enum ata_result result) {
    return result == ATA_DMA_FAILED || result == ATA_TIMED_OUT;
}

/* By PIO it has worked, by DMA it has not. */
static void do_without_dma(struct ata_disk *disk) {
    disk->dma = false;
    pr_warn("%s: DMA fails: goes on without\n", disk->device.name);
}

static int run(struct ata_request *request, enum block_wait wait) {
    struct ata_disk *disk = request->disk;
    unsigned dma_faults = 0;

    for (unsigned try = 0; try < TRIES && !disk->device.dead; try++) {
        if (try) disk->device.counters.retries++;
        request->dma = request->kind != ATA_FLUSH && disk->dma && dma_faults < TRIES_BY_DMA;
        try_once(request, wait);
        if (request->result == ATA_OK) {
            if (dma_faults >= TRIES_BY_DMA && disk->dma) do_without_dma(disk);
            return 0;
        }
        if (request->dma && is_fault_of_dma(request->result)) dma_faults++;
    }
    if (request->result == ATA_TIMED_OUT) block_give_up(&disk->device);
    return -EIO;
}

static int transfer(struct block_device *device, bool write, uint64_t sector, uint32_t sectors,
                    struct page *const *pages, enum block_wait wait) {
    struct ata_request request = {.disk = device->private,
                                  .kind = write ? ATA_WRITE : ATA_READ,
                                  .sector = sector,
                                  .sectors = sectors,
                                  .pages = pages};
    return run(&request, wait);
}

static int flush(struct block_device *device, enum block_wait wait) {
    struct ata_request request = {.disk = device->private, .kind = ATA_FLUSH};

    return request.disk->identity.flush ? run(&request, wait) : 0;
}

const struct block_driver ata_driver = {
    .transfer = transfer, .flush = flush, .max_sectors = ATA_SECTORS_MAX};

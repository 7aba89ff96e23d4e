/*
 * ata_dma.c: the bus master of the chipset's IDE controller moves the data by itself (SFF-8038i).
 * It gets a table of physical pieces; none may cross a 64 KB line, nor may the table: a frame never
 * does.
 *
 *   31                            1 0
 *  +-------------------------------+-+
 *  | physical address of the piece |0|     a physical region descriptor, 8 bytes
 *  +-+---------------+-------------+-+
 *  |E|   0           | bytes       |0|     E: the last one; bytes 0: 64 KB
 *  +-+---------------+-------------+-+
 */
#include <ascent/io.h>
#include <boot/boot.h>
#include <dev/ata.h>
#include <dev/pci.h>
#include <lib/string.h>
#include <mm/kmap.h>

/* Registers of a channel; those of the second lie 8 behind the first one's (SFF-8038i §3). */
#define BM_COMMAND 0
#define BM_STATUS 2
#define BM_TABLE 4
#define BM_SECOND_CHANNEL 8

#define COMMAND_START 0x01
#define COMMAND_TO_MEMORY 0x08
#define STATUS_ERROR 0x02 /* both are cleared by writing a 1 */
#define STATUS_INTERRUPT 0x04
#define STATUS_SIMPLEX 0x80 /* only one channel at a time */

/* Of the class code: PCI IDE Controller Specification 1.0 §5. */
#define PROGIF_BUS_MASTER 0x80
#define PROGIF_NATIVE 0x05 /* a channel is not at the ports of the AT: then it is not ours */
#define BAR_BUS_MASTER 4
#define REACH 0x100000000ull /* it has 32 address lines */
#define PRD_LAST 0x80000000u
#define BOUNCE_ORDER 5
_Static_assert(ATA_PAGES_MAX == 1 << BOUNCE_ORDER, "a request fits in the bounce buffer");

struct ata_prd {
    uint32_t phys, bytes_and_last;
};
static struct ata_prd prds[2][ATA_PAGES_MAX] __attribute__((aligned(512)));
_Static_assert(sizeof prds[0] <= 512, "no table crosses a 64 KB line");

void ata_dma_find(struct ata_channel *channels) {
    pci_function_t ide;

    if (!pci_find(PCI_CLASS_IDE, &ide)) return;
    uint32_t bar = pci_read(ide, PCI_BAR(BAR_BUS_MASTER));
    uint32_t interface = pci_read(ide, PCI_CLASS) >> 8 & (PROGIF_BUS_MASTER | PROGIF_NATIVE);
    if (interface != PROGIF_BUS_MASTER || !(bar & PCI_BAR_IO) || (bar & ~3u) == 0) return;
    pci_write(ide, PCI_COMMAND,
              (pci_read(ide, PCI_COMMAND) & 0xFFFF) | PCI_COMMAND_IO | PCI_COMMAND_MASTER);
    uint16_t ports = (uint16_t)(bar & ~3u);
    channels[0].bus_master = ports;
    if (!(inb(ports + BM_STATUS) & STATUS_SIMPLEX))
        channels[1].bus_master = ports + BM_SECOND_CHANNEL;
    for (unsigned i = 0; i < 2; i++) channels[i].prds = prds[i];
}

/* Has the machine memory that the bus master does not reach? */
static bool has_high_memory(void) {
    for (uint32_t i = 0; i < boot_map_count; i++)
        if (boot_map[i].type == MEMORY_USABLE && boot_map[i].base + boot_map[i].length > REACH)
            return true;
    return false;
}

bool ata_dma_prepare(struct ata_channel *channel) {
    if (!channel->bus_master) return false;
    if (channel->bounce || !has_high_memory()) return true;
    channel->bounce = alloc_pages(GFP_KERNEL, BOUNCE_ORDER, OWNER_OTHER);
    return channel->bounce;
}

/* ---- a request ---- */

static bool is_out_of_reach(const struct page *page) {
    return page_to_phys(page).value >= REACH;
}

static uint32_t bytes_of_page(const struct ata_request *request, uint32_t index) {
    uint32_t left = request->sectors * SECTOR_BYTES - index * PAGE_SIZE;
    return left < PAGE_SIZE ? left : PAGE_SIZE;
}

static uint32_t pages_of_request(const struct ata_request *request) {
    return (request->sectors + SECTORS_PER_PAGE - 1) / SECTORS_PER_PAGE;
}

/* Between the frames that are out of reach and those that stand in for them. */
static void copy_bounced(const struct ata_request *request, bool out) {
    struct page *bounce = request->disk->channel->bounce;

    for (uint32_t i = 0; bounce && i < pages_of_request(request); i++) {
        if (!is_out_of_reach(request->pages[i])) continue;
        uint8_t *near = page_address(bounce + i), *far = kmap_atomic(request->pages[i]);
        memcpy(out ? near : far, out ? far : near, bytes_of_page(request, i));
        kunmap_atomic(far);
    }
}

void ata_dma_load(const struct ata_request *request) {
    const struct ata_channel *channel = request->disk->channel;
    uint32_t pages = pages_of_request(request);

    if (request->kind == ATA_WRITE) copy_bounced(request, true);
    for (uint32_t i = 0; i < pages; i++) {
        const struct page *page =
            is_out_of_reach(request->pages[i]) ? channel->bounce + i : request->pages[i];
        channel->prds[i] =
            (struct ata_prd){(uint32_t)page_to_phys(page).value,
                             bytes_of_page(request, i) | (i + 1 == pages ? PRD_LAST : 0)};
    }
    outb(channel->bus_master + BM_COMMAND, request->kind == ATA_READ ? COMMAND_TO_MEMORY : 0);
    outl(channel->bus_master + BM_TABLE, (uint32_t)virt_to_phys(channel->prds).value);
    uint8_t status = inb(channel->bus_master + BM_STATUS);
    outb(channel->bus_master + BM_STATUS, status | STATUS_ERROR | STATUS_INTERRUPT);
}

void ata_dma_go(const struct ata_request *request) {
    uint16_t port = request->disk->channel->bus_master + BM_COMMAND;
    outb(port, inb(port) | COMMAND_START);
}

bool ata_dma_is_over(const struct ata_channel *channel) {
    return inb(channel->bus_master + BM_STATUS) & (STATUS_INTERRUPT | STATUS_ERROR);
}

bool ata_dma_end(const struct ata_request *request) {
    uint16_t ports = request->disk->channel->bus_master;
    uint8_t status = inb(ports + BM_STATUS);

    outb(ports + BM_COMMAND, 0);
    outb(ports + BM_STATUS, status | STATUS_ERROR | STATUS_INTERRUPT);
    if (request->kind == ATA_READ) copy_bounced(request, false);
    return !(status & STATUS_ERROR);
}

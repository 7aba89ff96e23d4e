"""Lab 2: a machine whose BIOS reads by cylinder, head and sector only. The calls of INT 13h are watched:
a BIOS of ours answers them, and keeps what it was asked."""

from labs.bios import Bios

CHS = 2  # boot_info.disk_method


def read(t, lba, sectors, geometry=(63, 16), address=None, fails=False):
    """Reads with disk_read_bounce(), or to another address; returns (error, calls of AH=02h)."""
    m = t.boot("disk_init")
    bios = Bios(geometry, fails)
    m.call("disk_init", 0x80)  # forgets the geometry of the last test
    error = m.call("disk_read_bounce", lba, sectors, serve={"bios_int": bios.serve}) & 0xFF
    return error, bios.reads


def expect_place(t, lba, geometry):
    track_sectors, heads = geometry
    error, reads = read(t, lba, 1, geometry)
    m = t.boot("disk_init")
    if not reads:
        t.lose(f"sector {lba} of a disk with {heads} heads of {track_sectors} sectors is not read at all "
               f"({m.error_name(error)})")
    wanted = lba // track_sectors // heads, lba // track_sectors % heads, lba % track_sectors + 1
    found = reads[0]["cylinder"], reads[0]["head"], reads[0]["sector"]
    names = "cylinder {}, head {}, sector {}"
    t.expect(found, wanted, f"sector {lba} of a disk with {heads} heads of {track_sectors} sectors",
             lambda place: names.format(*place))
    t.expect(error, 0, "the error after a read that succeeded")


def test_boots(t):
    """The loader brings the kernel from the disk, by CHS, and goes to it."""
    info = t.boot("kmain").boot_info()
    t.expect(info["disk_method"], CHS, "boot_info.disk_method")


def test_registers(t):
    """AH, AL, DL and ES:BX of a call for three sectors."""
    _, reads = read(t, 5, 3)
    if not reads:
        t.lose("INT 13h was not called with AH=02h")
    for name, wanted in (("sectors", 3), ("drive", 0x80), ("address", 0x20000)):
        t.expect(reads[0][name], wanted, {"sectors": "AL", "drive": "DL", "address": "ES:BX"}[name], hex)


def test_second_track(t):
    """A sector of cylinder 0, but not of its first track."""
    expect_place(t, 63 * t.random.randrange(1, 16) + t.random.randrange(63), (63, 16))

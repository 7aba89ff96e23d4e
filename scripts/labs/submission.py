"""What a learner hands in: a folder, or a .tar.gz or .zip. Only the lab's files are taken from it, as
plain files of a sensible size."""

import gzip
import os
import stat
import tarfile
import zipfile

from .table import Problem

SIZE_MAX = 256 * 1024  # bytes of one file; the largest source of Ascent has 25 KB
ENTRIES_MAX = 20_000
DEPTH_MAX = 50             # folders in folders; Ascent's own tree has 6
UNPACKED_MAX = 512 << 20   # bytes of a whole archive; a tree with its image and all that was built has 150 MB
AT_ONCE_MAX = 1 << 20      # bytes that one header of an archive may have, such as a name


class Refused(Exception):
    """It cannot be graded, for this reason."""


def take(path, lab):
    """{path in the tree: bytes} of the lab's files."""
    if os.path.isdir(path) and not os.path.islink(path):
        found = from_folder(path, lab)
    elif path.endswith((".tar.gz", ".tgz", ".tar")):
        found = from_archive(from_tar, path, lab)
    elif path.endswith(".zip"):
        found = from_archive(from_zip, path, lab)
    elif len(lab.files) == 1 and os.path.basename(path) == os.path.basename(lab.files[0]):
        found = {lab.files[0]: read_plain(path)}
    else:
        raise Refused("neither a folder nor a .tar.gz or .zip")
    missing = [name for name in lab.files if name not in found]
    if missing:
        raise Refused("it has no " + ", ".join(missing))
    for name, data in found.items():
        if b"\0" in data:
            raise Refused(f"{name} is not text")
    return found


def wanted(entry, lab):
    """The lab's file that an entry of an archive or folder is, by the end of its path."""
    parts = entry.replace("\\", "/").split("/")
    for name in lab.files:
        if parts[-name.count("/") - 1:] == name.split("/"):
            return name
    # Handed in without its folders: then by its name, where only one of the lab's has it.
    same = [name for name in lab.files if os.path.basename(name) == parts[-1]]
    return same[0] if len(same) == 1 and len(parts) <= 2 else None


def nearest(entries, lab):
    """{file: entry}: the entry that is least deep, where there are several."""
    found = {}
    for entry in sorted(entries, key=lambda entry: (entry.count("/"), entry)):
        name = wanted(entry, lab)
        if name:
            found.setdefault(name, entry)
    return found


def open_plain(path):
    """No link is followed, no device read, no pipe waited for."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(f"{os.path.basename(path)} is a link, or cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Refused(f"{os.path.basename(path)} is not a plain file")
    return os.fdopen(handle, "rb")


def read_plain(path):
    with open_plain(path) as file:
        data = file.read(SIZE_MAX + 1)
    if len(data) > SIZE_MAX:
        raise Refused(f"{os.path.basename(path)} has more than {SIZE_MAX // 1024} KB")
    return data


def from_folder(path, lab):
    entries, seen = [], 0
    for folder, folders, files in os.walk(path):
        inside = os.path.relpath(folder, path)
        if inside.count("/") >= DEPTH_MAX:
            raise Refused(f"it has more than {DEPTH_MAX} folders in each other")
        folders[:] = [name for name in folders if name not in ("build", ".git", "node_modules")
                      and not os.path.islink(os.path.join(folder, name))]
        entries += [os.path.normpath(os.path.join(inside, name)) for name in files]
        seen += len(folders) + len(files)
        if seen > ENTRIES_MAX:
            raise Refused(f"it has more than {ENTRIES_MAX} files")
    return {name: read_plain(os.path.join(path, entry)) for name, entry in nearest(entries, lab).items()}


class Unpacked:
    """What is in a .gz, for tarfile, up to a limit: a few KB of it may be a thousand times as much."""

    def __init__(self, file):
        packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self.file = gzip.GzipFile(fileobj=file) if packed else file

    def tell(self):
        return self.file.tell()

    def seek(self, position):
        if position > UNPACKED_MAX:
            raise Refused(f"it has more than {UNPACKED_MAX >> 20} MB")
        return self.file.seek(position)

    def read(self, size):
        if size > AT_ONCE_MAX:
            raise Refused("the archive cannot be read: a header of it is too long")
        self.seek(self.tell())
        return self.file.read(size)


def from_archive(kind, path, lab):
    """An archive that somebody has made by hand may break its reader in any way."""
    try:
        return kind(path, lab)
    except Refused:
        raise
    except Exception as error:
        raise Refused(f"the archive cannot be read: {error or type(error).__name__}") from None


def from_tar(path, lab):
    with open_plain(path) as file, tarfile.open(fileobj=Unpacked(file), mode="r:") as tar:
        entries = {}
        for count, member in enumerate(tar):
            if count > ENTRIES_MAX:
                raise Refused(f"it has more than {ENTRIES_MAX} files")
            entries[member.name] = member
        found = {}
        for name, entry in nearest(entries, lab).items():
            member = entries[entry]
            if not member.isreg():
                raise Refused(f"{name} is not a plain file")
            if member.size > SIZE_MAX:
                raise Refused(f"{name} has more than {SIZE_MAX // 1024} KB")
            found[name] = tar.extractfile(member).read()
        return found


def from_zip(path, lab):
    with open_plain(path) as file, zipfile.ZipFile(file) as archive:
        if len(archive.infolist()) > ENTRIES_MAX:
            raise Refused(f"it has more than {ENTRIES_MAX} files")
        entries = {info.filename: info for info in archive.infolist()}
        found = {}
        for name, entry in nearest(entries, lab).items():
            kind = stat.S_IFMT(entries[entry].external_attr >> 16)
            if kind not in (0, stat.S_IFREG):
                raise Refused(f"{name} is not a plain file")
            with archive.open(entries[entry]) as packed:
                data = packed.read(SIZE_MAX + 1)  # whatever its header says
            if len(data) > SIZE_MAX:
                raise Refused(f"{name} has more than {SIZE_MAX // 1024} KB")
            found[name] = data
        return found


def all_in(folder):
    """The submissions of a class, and what is left out: the entries of a folder, and those of them that
    begin with a dot, which are a computer's own."""
    if not os.path.isdir(folder):
        raise Problem(f"{folder} is not a folder")
    names = sorted(os.listdir(folder))
    taken = [(name, os.path.join(folder, name)) for name in names if not name.startswith(".")]
    if not taken:
        raise Problem(f"{folder} is empty")
    return taken, [name for name in names if name.startswith(".")]

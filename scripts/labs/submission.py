"""What a learner hands in: a folder, or a .tar.gz or .zip. Only the lab's files are taken from it, as
plain files of a sensible size."""

import os
import stat
import tarfile
import zipfile

from .table import Problem

SIZE_MAX = 256 * 1024  # bytes of one file; the largest source of Ascent has 25 KB
ENTRIES_MAX = 20_000


class Refused(Exception):
    """It cannot be graded, for this reason."""


def take(path, lab):
    """{path in the tree: bytes} of the lab's files."""
    if os.path.isdir(path) and not os.path.islink(path):
        found = from_folder(path, lab)
    elif path.endswith((".tar.gz", ".tgz", ".tar")):
        found = from_tar(path, lab)
    elif path.endswith(".zip"):
        found = from_zip(path, lab)
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


def read_plain(path):
    """No link is followed, no device read."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise Refused(f"{os.path.basename(path)} is a link, or cannot be read: {error.strerror}") from None
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise Refused(f"{os.path.basename(path)} is not a plain file")
        data = file.read(SIZE_MAX + 1)
    if len(data) > SIZE_MAX:
        raise Refused(f"{os.path.basename(path)} has more than {SIZE_MAX // 1024} KB")
    return data


def from_folder(path, lab):
    entries = []
    for folder, folders, files in os.walk(path):
        folders[:] = [name for name in folders if name not in ("build", ".git", "node_modules")
                      and not os.path.islink(os.path.join(folder, name))]
        entries += [os.path.relpath(os.path.join(folder, name), path) for name in files]
        if len(entries) > ENTRIES_MAX:
            raise Refused(f"it has more than {ENTRIES_MAX} files")
    return {name: read_plain(os.path.join(path, entry)) for name, entry in nearest(entries, lab).items()}


def from_tar(path, lab):
    try:
        with tarfile.open(path) as tar:
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
    except (tarfile.TarError, EOFError, OSError) as error:
        raise Refused(f"the archive cannot be read: {error}") from None


def from_zip(path, lab):
    try:
        with zipfile.ZipFile(path) as archive:
            if len(archive.infolist()) > ENTRIES_MAX:
                raise Refused(f"it has more than {ENTRIES_MAX} files")
            entries = {info.filename: info for info in archive.infolist()}
            found = {}
            for name, entry in nearest(entries, lab).items():
                if stat.S_ISLNK(entries[entry].external_attr >> 16):
                    raise Refused(f"{name} is a link")
                with archive.open(entries[entry]) as file:
                    data = file.read(SIZE_MAX + 1)  # whatever its header says
                if len(data) > SIZE_MAX:
                    raise Refused(f"{name} has more than {SIZE_MAX // 1024} KB")
                found[name] = data
            return found
    except (zipfile.BadZipFile, RuntimeError, OSError) as error:
        raise Refused(f"the archive cannot be read: {error}") from None


def all_in(folder):
    """The submissions of a class: the entries of a folder."""
    if not os.path.isdir(folder):
        raise Problem(f"{folder} is not a folder")
    names = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    if not names:
        raise Problem(f"{folder} is empty")
    return [(name, os.path.join(folder, name)) for name in names]

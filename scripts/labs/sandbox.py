"""Where the code of others is built and run: no network, none of this computer's files but the tools,
and limits of time, memory and output. bubblewrap makes it."""

import os
import resource
import shutil
import subprocess
import threading

from .table import ROOT

MB = 1 << 20
OUTPUT_MAX = 200_000  # bytes that are kept of what a build says
FILE_MAX = 256 * MB
CPU_SECONDS = 120


def available():
    return shutil.which("bwrap") is not None


def prefix(folder, inside="/work", more=()):
    """The command in front of another, which then sees `folder` as `inside` and may write there."""
    words = ["bwrap", "--unshare-all", "--die-with-parent", "--new-session", "--clearenv",
             "--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "--setenv", "HOME", "/tmp",
             "--setenv", "MTOOLS_SKIP_CHECK", "1", "--ro-bind", "/usr", "/usr",
             "--ro-bind-try", "/etc/alternatives", "/etc/alternatives", "--proc", "/proc",
             "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/var/tmp"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64"):
        if os.path.islink(name):
            words += ["--symlink", os.readlink(name), name]
        elif os.path.isdir(name):
            words += ["--ro-bind", name, name]
    words += ["--bind", folder, inside]
    toolchain = os.path.join(ROOT, ".toolchain")
    if os.path.isdir(toolchain):
        words += ["--ro-bind", toolchain, inside + "/.toolchain"]
    for path, place in more:
        words += ["--bind", path, place]
    return words + ["--chdir", inside]


def limits(seconds, memory):
    """For subprocess: what the process and its children may use."""
    def apply():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_FSIZE, (FILE_MAX, FILE_MAX))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return apply


def run(command, folder, seconds=120, memory=1024 * MB, output_max=OUTPUT_MAX):
    """Runs a command with `folder` as its world. Returns (status, output); the status is "time" if it
    took too long."""
    process = subprocess.Popen([*prefix(folder), *command], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                               preexec_fn=limits(CPU_SECONDS, memory))
    kept = []

    def read():
        size = 0
        while chunk := process.stdout.read1(65536):
            if size < output_max:
                kept.append(chunk)
            size += len(chunk)
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        status = process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        status = "time"
    reader.join(5)
    return status, b"".join(kept)[:output_max].decode("utf-8", "replace")

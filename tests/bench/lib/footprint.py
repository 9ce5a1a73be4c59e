# SPDX-License-Identifier: GPL-2.0-only
"""What a hypervisor takes before a guest runs: bytes, frames, instructions of the boot."""

import os
import struct
import subprocess

from emulator import elf_entry
from rows import read_laps

BOOT_SHIFT = 10		# most of a boot at shift=0 is waiting for the virtual clock


def loaded(path):
    """Bytes a loader reads, and bytes of memory they become; of a 32-bit ELF, as multiboot wants it."""
    with open(path, "rb") as f:
        data = f.read()
    at, size, count = struct.unpack("<I", data[28:32])[0], *struct.unpack("<HH", data[42:46])
    in_file = in_memory = 0
    for i in range(count):
        kind, _, _, _, filesz, memsz = struct.unpack("<6I", data[at + i * size:at + i * size + 24])
        if kind == 1:
            in_file, in_memory = in_file + filesz, in_memory + memsz
    return in_file, in_memory


def sections(path):
    """text, data and bss, as size(1) counts them; None without symbols."""
    done = subprocess.run(["size", path], capture_output=True, text=True)
    return [int(n) for n in done.stdout.splitlines()[1].split()[:3]] if done.returncode == 0 else None


def boot(emulator, hypervisor, guest, log):
    """Instructions from the loader's jump to the guest's first."""
    out = log + ".laps"
    plugin = "%s,out=%s,entry=%#x,guest=%#x" % (emulator.plugin("costs"), out, elf_entry(hypervisor),
                                               elf_entry(guest))

    def count():
        return read_laps(out)[1] if os.path.exists(out) else None

    if os.path.exists(out):
        os.unlink(out)
    emulator.boot(hypervisor, guest, log, plugin, BOOT_SHIFT, lambda: count() is not None)
    return count()


class Footprint:
    """One table: what, and a column for each hypervisor and width that ran."""

    def __init__(self):
        self.columns, self.lines = [], {}

    def add(self, column, what, value):
        if column not in self.columns:
            self.columns.append(column)
        self.lines.setdefault(what, {})[column] = str(value)

    def image(self, column, path):
        in_file, in_memory = loaded(path)
        self.add(column, "bytes the loader reads", in_file)
        self.add(column, "bytes of memory they become", in_memory)
        if os.path.exists(path + "-syms"):
            for what, value in zip(("text", "data", "bss"), sections(path + "-syms") or ()):
                self.add(column, "of them " + what, value)

    def table(self):
        if not self.lines:
            return []
        return [["", *self.columns]] + [[what, *(values.get(c, "-") for c in self.columns)]
                                        for what, values in self.lines.items()]

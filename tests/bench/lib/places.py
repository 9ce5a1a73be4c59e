# SPDX-License-Identifier: GPL-2.0-only
"""Where an address of the hypervisor is: room, file, and functions, by its debug information."""

import subprocess

HYPERVISOR = (0xffff800000000000, 0xffff880000000000)


def is_hypervisor(address):
    return HYPERVISOR[0] <= address < HYPERVISOR[1]


class Place:
    """The functions an instruction is in, the innermost inlined one first: [(name, room/file)]."""

    def __init__(self, frames):
        self.frames = frames
        self.function, self.file = frames[0]

    @property
    def room(self):
        return self.file.split("/")[0]


def in_tree(where):
    at = where.rfind("hypervisor/")
    return where.split(":")[0][at + 11:] if at >= 0 else "?"


def places(path, addresses):
    """{address: Place}, by addr2line."""
    said = subprocess.run(["addr2line", "-a", "-i", "-f", "-e", path], text=True, capture_output=True, check=True,
                          input="".join("%x\n" % a for a in addresses)).stdout.splitlines()
    found, frames, i = {}, None, 0
    while i < len(said):
        if said[i].startswith("0x"):
            frames = found[int(said[i], 16)] = []
            i += 1
        else:
            frames.append((said[i], in_tree(said[i + 1])))
            i += 2
    return {address: Place(f) for address, f in found.items()}

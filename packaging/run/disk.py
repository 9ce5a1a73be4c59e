# SPDX-License-Identifier: GPL-2.0-only
"""
Join GRUB's stages and the file systems into one disk with a GPT.

    disk.py OUTPUT core.img esp.img root.img

What grub-bios-setup would do, it needs a block device for; the two patches are small. The first
sector (boot.img) reads one sector, whose number it keeps at 0x5c; that sector (the first of
core.img) reads the rest of core.img, described by the block list that ends at 0x200.
"""

import shutil
import struct
import subprocess
import sys

SECTOR = 512
MIB = 2048              # in sectors
BOOT_IMG = "/usr/lib/grub/i386-pc/boot.img"
KERNEL_SECTOR = 0x5c    # in boot.img: 64 bits, the sector of core.img
BLOCK_LIST = 0x1f4      # in core.img's first sector: start (64 bits), count (16), segment (16)


def sectors(path):
    with open(path, "rb") as file:
        return (file.seek(0, 2) + SECTOR - 1) // SECTOR


def main():
    out, core_path, esp, root = sys.argv[1:]
    core_at = MIB
    esp_at = 2 * MIB
    root_at = esp_at + sectors(esp)
    end = root_at + sectors(root)

    with open(out, "wb") as disk:
        disk.truncate((end + MIB) * SECTOR)
    table = "label: gpt\n" + "".join("start=%d, size=%d, type=%s\n" % row for row in (
        (core_at, MIB, "21686148-6449-6E6F-744E-656564454649"),          # BIOS boot
        (esp_at, sectors(esp), "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"),  # EFI system
        (root_at, sectors(root), "0FC63DAF-8483-4772-8E79-3D69D8477DE4")))
    subprocess.run(["/sbin/sfdisk", "-q", out], input=table.encode(), check=True)

    for path, at in ((esp, esp_at), (root, root_at)):
        # Holes stay holes: the image is mostly nothing.
        subprocess.run(["dd", "if=" + path, "of=" + out, "bs=1M", "seek=%d" % (at // MIB),
                        "conv=notrunc,sparse", "status=none"], check=True)

    with open(core_path, "rb") as file:
        core = bytearray(file.read())
    core += b"\0" * (-len(core) % SECTOR)
    assert len(core) <= MIB * SECTOR
    struct.pack_into("<QH", core, BLOCK_LIST, core_at + 1, len(core) // SECTOR - 1)

    with open(BOOT_IMG, "rb") as file:
        boot = bytearray(file.read(440))        # behind that is the partition table
    struct.pack_into("<Q", boot, KERNEL_SECTOR, core_at)

    with open(out, "r+b") as disk:
        disk.write(boot)
        disk.seek(core_at * SECTOR)
        disk.write(core)


if __name__ == "__main__":
    main()

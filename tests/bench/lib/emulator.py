# SPDX-License-Identifier: GPL-2.0-only
"""One guest as the first domain of a hypervisor, in QEMU, one executed instruction to a tick."""

import os
import re
import signal
import struct
import subprocess
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PLUGINS = os.path.join(os.path.dirname(HERE), "plugin")

END = re.compile(r"SELFTEST (OK|SKIP|FAIL|ERROR) \S+ end")
TROUBLE = re.compile(r"SELFTEST (FAIL|ERROR) \S+: (.*)")
DEAD = re.compile(r"PANIC|[Pp]anic on CPU|BUG at |[Aa]ssertion .*failed|FATAL|hypervisor stopped")
WORDS = ("loglvl=all com1=115200,8n1 console=com1 noreboot=1 watchdog=0 dom0_mem=256M "
         "xpti=off spec-ctrl=no")


class Trouble(Exception):
    """No figures: the message says why."""


class Emulator:
    """A QEMU by its name: which version it is, and whether our plugins fit it."""

    def __init__(self, path, build, timeout):
        self.path, self.build, self.timeout = path, build, timeout
        done = subprocess.run([path, "--version"], capture_output=True, text=True)
        self.version = done.stdout.splitlines()[0]
        self.short = re.search(r"version (\d+\.\d+)", self.version).group(1)
        self.takes_plugins = self.short == "7.2"	# the interface is another in each release

    def plugin(self, name):
        """Builds it; gives the file."""
        out = os.path.join(self.build, name + ".so")
        subprocess.run([os.environ.get("CC", "gcc"), "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                        "-o", out, os.path.join(PLUGINS, name + ".c")], check=True)
        return out

    def command(self, hypervisor, guest, log, plugin, shift):
        command = [self.path, "-accel", "tcg,thread=single", "-icount", "shift=%d,align=off,sleep=off" % shift,
                   "-cpu", "max", "-smp", "1", "-m", "512", "-no-reboot", "-nodefaults", "-net", "none",
                   "-display", "none", "-monitor", "none", "-rtc", "base=2024-01-01T00:00:00,clock=vm",
                   "-kernel", hypervisor, "-initrd", guest, "-append", WORDS, "-serial", "file:" + log]
        return command + (["-plugin", plugin] if plugin else [])

    def boot(self, hypervisor, guest, log, plugin=None, shift=0, enough=None):
        """Run until the guest has said its verdict, or it is enough; gives what the console said."""
        open(log, "w").close()
        with open(log + ".qemu", "w") as said:
            qemu = subprocess.Popen(self.command(hypervisor, guest, log, plugin, shift), stdin=subprocess.DEVNULL,
                                    stdout=said, stderr=said)
        began = time.monotonic()
        try:
            while True:
                gone = qemu.poll() is not None
                with open(log, errors="replace") as f:
                    text = f.read()
                if END.search(text) or DEAD.search(text) or gone or time.monotonic() - began > self.timeout:
                    break
                if enough and enough():
                    return text
                time.sleep(0.1)
        finally:
            if qemu.poll() is None:
                qemu.send_signal(signal.SIGTERM)	# a plugin has last words
            qemu.wait()
        if not END.search(text):
            with open(log + ".qemu") as said:
                last = (text.strip() or said.read().strip() or "nothing was said").splitlines()[-1]
            raise Trouble("%s on %s: no end after %d s; last line: %s" % (
                os.path.basename(guest), os.path.basename(hypervisor), time.monotonic() - began, last))
        return text


def verdict(text):
    """Whether all was well, and the complaints."""
    return END.search(text).group(1) == "OK", [m.group(2).strip() for m in TROUBLE.finditer(text)]


def elf_entry(path):
    """The address an ELF file begins at, of either width."""
    with open(path, "rb") as f:
        head = f.read(32)
    return struct.unpack("<Q" if head[4] == 2 else "<I", head[24:32 if head[4] == 2 else 28])[0]

# SPDX-License-Identifier: GPL-2.0-only
"""Figures kept in files: Trine's baseline, Xen's figures; and what moved against them."""

import os
import re
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.dirname(HERE)
TOP = os.path.dirname(os.path.dirname(BENCH))
GROWTH = 0.02


def read_table(path):
    """Lines of `name width value...`; # begins a comment."""
    table = {}
    if os.path.exists(path):
        with open(path) as f:
            for line in f:
                words = line.split("#")[0].split()
                if words:
                    table[words[0], words[1]] = words[2:]
    return table


def xen_figures():
    return read_table(os.path.join(BENCH, "xen-figures.txt"))


def compiler():
    """Which compiler a figure depends on; one line."""
    done = subprocess.run([os.environ.get("CC", "gcc"), "--version"], capture_output=True, text=True)
    return re.sub(r"^g?cc ", "gcc ", done.stdout.splitlines()[0]) if done.returncode == 0 else "unknown"


def git(*words):
    done = subprocess.run(["git", "-C", TOP] + list(words), capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


class Baseline:
    """Trine's figures under one version of QEMU, as committed, and by which compiler."""

    def __init__(self, emulator):
        self.path = os.path.join(BENCH, "baseline", "qemu-%s.txt" % emulator.short)
        self.emulator = emulator
        self.table = read_table(self.path)
        self.compiler = ""
        if self.table:
            with open(self.path) as f:
                found = re.search(r"^# Compiler: (.*)$", f.read(), re.M)
            self.compiler = found.group(1) if found else compiler()

    def unfit(self):
        """Why figures cannot be compared with it; empty when they can."""
        if not self.table:
            return "no baseline for this emulator (%s)" % os.path.relpath(self.path, TOP)
        if self.compiler != compiler():
            return "the baseline is of another compiler (%s)" % self.compiler
        return ""

    def of(self, name, width):
        words = self.table.get((name, width))
        return int(words[0]) if words else None

    def names(self, width):
        return [name for name, w in self.table if w == width]

    def write(self, ours):
        """Anew; a width that was not measured keeps its figures."""
        with open(self.path, "w") as f:
            f.write("# Trine's figures: operation, width, instructions; then the costly ones, an operation.\n"
                    "# Emulator: %s\n# Compiler: %s\n" % (self.emulator.version, compiler()))
            for width in ("pv32", "pv64"):
                if width in ours:
                    for row in ours[width]:
                        f.write("%s %s %d%s\n" % (row.name, width, row.insns, costs_words(row)))
                else:
                    for name in self.names(width):
                        f.write("%s %s %s\n" % (name, width, " ".join(self.table[name, width])))


def costs_words(row):
    return "".join(" %s=%s" % (name, number) for name, number in row.costs_numbers())


def movements(row, width, baseline):
    """How a row moved: a word (empty: not at all), the text, and whether that is bad."""
    old = baseline.of(row.name, width)
    if old is None:
        return "new", "%d" % row.insns, False
    if row.insns == old:
        return "", "", False
    worse = row.insns > old * (1 + GROWTH)
    return "GREW" if worse else "moved", "%d, was %d (%+.1f%%)" % (
        row.insns, old, 100 * (row.insns - old) / old), worse


def costlier(row, width, baseline):
    """What of the costly a row runs more of than it did, as text. SYSRET for IRET is no loss."""
    words = baseline.table.get((row.name, width), [])
    old = {name: float(n) for name, n in (word.split("=") for word in words if "=" in word)}
    now = {name: float(n) for name, n in row.costs_numbers()}
    if not old or not now:
        return ""
    if now.get("iret", 0) + now.get("sysret", 0) <= old.get("iret", 0) + old.get("sysret", 0):
        now.pop("sysret", None)
    return ", ".join("%s %g, was %g" % (name, n, old.get(name, 0)) for name, n in now.items()
                     if n > old.get(name, 0) + 0.01)


def compare(ours, baseline):
    """Say what moved; gives the number of rows that grew too much or are gone."""
    bad = 0
    for width in sorted(ours):
        for row in ours[width]:
            word, text, worse = movements(row, width, baseline)
            if word:
                print("%-8s %s %s: %s" % (word, row.name, width, text))
            more = costlier(row, width, baseline)
            if more:
                print("%-8s %s %s: %s" % ("costlier", row.name, width, more))
            bad += worse
        have = {row.name for row in ours[width]}
        for name in baseline.names(width):
            if name not in have:
                print("%-8s %s %s" % ("GONE", name, width))
                bad += 1
    return bad

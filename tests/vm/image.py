"""What the virtual machine starts from: Debian's kernel out of its package, and an initramfs made of busybox, udev, the
modules, and our own programs with their libraries. Packages are fetched by name with apt-get, into the cache, once."""
import os
import pathlib
import re
import shutil
import stat
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "souffleur" / "vm"
TOOLS = ("busybox-static", "udev", "kmod", "libkmod2")
MODULES = ("configfs", "libcomposite", "usb_f_fs", "dummy_hcd", "usblp", "xhci_pci", "ftdi_sio", "usbhid", "hid_generic",
           "evdev", "uinput")
APPLETS = ("sh", "mount", "mkdir", "modprobe", "stty", "poweroff", "timeout", "echo", "cat", "sleep", "ls", "dmesg")
RULES = ("50-udev-default.rules", "60-evdev.rules", "60-input-id.rules", "60-serial.rules", "70-uaccess.rules",
         "80-drivers.rules")
GROUPS = ("root", "tty", "disk", "lp", "dialout", "input", "kmem", "video", "render", "audio", "sgx", "kvm", "cdrom",
          "tape", "plugdev")
FONTS = ("noto/NotoSans-Regular.ttf", "noto/NotoSansMono-Regular.ttf", "noto/NotoSansMono-Bold.ttf",
         "droid/DroidSansFallbackFull.ttf")
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><cachedir>/tmp/fontconfig</cachedir></fontconfig>
"""
FETCH_S = 600
LAYOUT = "1"  # of the cache; another one makes it anew


class Unavailable(Exception):
    """Something that must come from a package archive is neither here nor there."""


def call(command: list, log, **more) -> subprocess.CompletedProcess:
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, timeout=FETCH_S, check=False, **more)


def kernel_package() -> str:
    """The package that linux-image-amd64 stands for today."""
    told = subprocess.run(["apt-cache", "depends", "linux-image-amd64"], capture_output=True, text=True, check=False,
                          timeout=FETCH_S, env={**os.environ, "LC_ALL": "C"})
    found = re.search(r"Depends: (linux-image-\S+-amd64)", told.stdout)
    return found[1] if found else ""


def fetch(folder: pathlib.Path, log) -> pathlib.Path:
    """Unpacks the packages into folder/root."""
    if not shutil.which("apt-get"):
        raise Unavailable("this machine has no apt-get to fetch Debian's kernel with")
    if not kernel_package():
        call(["apt-get", "update", "-qq"], log)
    kernel = kernel_package()
    if not kernel:
        raise Unavailable("apt knows no linux-image-amd64; run apt-get update as root, then again")
    done = call(["apt-get", "download", "-q", "-o", "APT::Sandbox::User=root", kernel, *TOOLS], log, cwd=folder)
    if done.returncode != 0:
        raise Unavailable(f"{kernel} and {', '.join(TOOLS)} are not in the cache and cannot be fetched")
    for package in folder.glob("*.deb"):
        if call(["dpkg", "-x", str(package), str(folder / "root")], log).returncode != 0:
            raise Unavailable(f"{package.name} cannot be unpacked, see {log.name}")
    return folder / "root"


def needed_modules(tree: pathlib.Path) -> list:
    """MODULES and what they stand on, as paths under tree."""
    wanted, names = {}, {}
    for line in (tree / "modules.dep").read_text(encoding="ascii").splitlines():
        path, _, needs = line.partition(":")
        wanted[path] = needs.split()
        names[pathlib.PurePath(path).name.split(".")[0].replace("-", "_")] = path
    missing = [name for name in MODULES if name not in names]
    if missing:
        raise Unavailable(f"this kernel has no module {', '.join(missing)}")
    found, look = [], [names[name] for name in MODULES]
    while look:
        path = look.pop()
        if path not in found:
            found.append(path)
            look += wanted[path]
    return found


def depmod(root: pathlib.Path, base: pathlib.Path, version: str, log) -> None:
    libraries = str(next(root.glob("**/libkmod.so.2")).parent)
    done = call(["depmod", "-b", str(base), version], log, executable=str(root / "bin" / "kmod"),
                env={**os.environ, "LD_LIBRARY_PATH": libraries})
    if done.returncode != 0:
        raise Unavailable(f"depmod failed, see {log.name}")


def prepare(log) -> pathlib.Path:
    """The cache's folder: vmlinuz, and `base`, a tree of what does not change from run to run."""
    made = CACHE / "made"
    if (made / "layout").exists() and (made / "layout").read_text(encoding="ascii") == LAYOUT:
        return made
    print("vm: fetching Debian's kernel into the cache (once)", flush=True)
    shutil.rmtree(made, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="fetch-") as temporary:
        root = fetch(pathlib.Path(temporary), log)
        new = pathlib.Path(temporary) / "made"
        base = new / "base"
        version = next((root / "lib" / "modules").iterdir()).name
        depmod(root, root, version, log)
        modules = root / "lib" / "modules" / version
        for path in ["modules.builtin", "modules.order", "modules.builtin.modinfo", *needed_modules(modules)]:
            if (modules / path).exists():
                target = base / "lib" / "modules" / version / path
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(modules / path, target)
        depmod(root, base, version, log)
        shutil.copy(next((root / "boot").glob("vmlinuz-*")), new / "vmlinuz")
        for name in ("bin/busybox", "bin/udevadm"):
            (base / "bin").mkdir(exist_ok=True)
            shutil.copy(root / name, base / name)
        (base / "lib/udev/rules.d").mkdir(parents=True)
        for name in RULES:
            if (root / "lib/udev/rules.d" / name).exists():
                shutil.copy(root / "lib/udev/rules.d" / name, base / "lib/udev/rules.d" / name)
        kmod = next(root.glob("**/libkmod.so.2"))
        shutil.copy(kmod, base / "lib" / "libkmod.so.2")
        (new / "layout").write_text(LAYOUT, encoding="ascii")
        new.rename(made)
    return made


def libraries(program: pathlib.Path) -> dict:
    """What a program is linked with: where it is looked for, and where it is."""
    told = subprocess.run(["ldd", str(program)], capture_output=True, text=True, check=True, timeout=60)
    lines = re.findall(r"^\s*(?:\S+ => )?(/\S+) \(0x", told.stdout, re.M)
    missing = re.findall(r"^\s*(\S+) => not found", told.stdout, re.M)
    if [name for name in missing if name != "libkmod.so.2"]:
        raise Unavailable(f"{program.name} misses {', '.join(missing)} on this machine")
    return {path: pathlib.Path(path).resolve() for path in lines if "libkmod" not in path}


class Archive:
    """An initramfs in the form `newc` (the kernel's Documentation/driver-api/early-userspace/buffer-format.rst)."""

    def __init__(self, path: pathlib.Path):
        self._file = open(path, "wb")
        self._known = set()
        self._number = 0

    def _entry(self, name: str, mode: int, content: bytes) -> None:
        name = name.strip("/")
        if name in self._known:
            return
        self._known.add(name)
        if "/" in name:
            self.folder(name.rsplit("/", 1)[0])
        self._write(name, mode, content)

    def _write(self, name: str, mode: int, content: bytes) -> None:
        self._number += 1
        raw = name.encode() + b"\0"
        fields = (self._number, mode, 0, 0, 1, 0, len(content), 0, 0, 0, 0, len(raw), 0)
        self._file.write(b"070701" + b"".join(b"%08X" % field for field in fields) + raw)
        self._file.write(b"\0" * (-(110 + len(raw)) % 4) + content + b"\0" * (-len(content) % 4))

    def folder(self, name: str) -> None:
        self._entry(name, stat.S_IFDIR | 0o755, b"")

    def text(self, name: str, content: str, mode: int = 0o644) -> None:
        self._entry(name, stat.S_IFREG | mode, content.encode())

    def file(self, name: str, path: pathlib.Path) -> None:
        self._entry(name, stat.S_IFREG | (0o755 if os.access(path, os.X_OK) else 0o644), path.read_bytes())

    def link(self, name: str, target: str) -> None:
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def close(self) -> None:
        self._write("TRAILER!!!", 0, b"")
        self._file.close()


def build(made: pathlib.Path, programs: list, into: pathlib.Path) -> pathlib.Path:
    """The initramfs with our programs in /tests, run by `init.sh` in the order given."""
    base = made / "base"
    archive = Archive(into / "initramfs")
    for path in sorted(base.rglob("*")):
        if path.is_file():
            archive.file(str(path.relative_to(base)), path)
    for name in APPLETS:
        archive.link(f"bin/{name}", "busybox")
    for name in ("proc", "sys", "dev", "run", "tmp", "root", "etc/udev/rules.d"):
        archive.folder(name)
    archive.link("lib/systemd/systemd-udevd", "/bin/udevadm")
    wanted = libraries(base / "bin/udevadm")
    for program in programs:
        stripped = into / program.name
        subprocess.run(["strip", "-g", "-o", str(stripped), str(program)], check=True, timeout=60)
        archive.file(f"tests/{program.name}", stripped)
        wanted.update(libraries(program))
    for name, path in wanted.items():
        archive.file(name, path)
    archive.text("init", (HERE / "init.sh").read_text(encoding="utf-8"), 0o755)
    archive.text("tests/order", "".join(f"{program.name}\n" for program in programs))
    archive.text("tests/modules", "".join(f"{name}\n" for name in MODULES))
    archive.text("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
    archive.text("etc/group", "".join(f"{name}:x:{number}:\n" for number, name in enumerate(GROUPS)))
    archive.text("etc/fonts/fonts.conf", FONTS_CONF)
    for name in FONTS:
        archive.file(f"usr/share/fonts/{name}", pathlib.Path("/usr/share/fonts/truetype") / name)
    for rule in sorted((ROOT / "firmware-config/udev").glob("*.rules")):
        archive.file(f"etc/udev/rules.d/{rule.name}", rule)
        archive.file(str(rule), rule)  # where the suites look for it
    for profile in sorted((ROOT / "firmware-config/profiles").glob("*.toml")):
        archive.file(str(profile), profile)
    archive.close()
    return into / "initramfs"

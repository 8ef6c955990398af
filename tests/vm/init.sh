#!/bin/sh
# The virtual machine's first process: mounts, udev, modules, then the suites one by one. What the host reads
# (machine.py) goes to the second serial line.
export PATH=/bin LC_ALL=C.UTF-8 HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mount -t tmpfs tmpfs /run
mkdir -p /run/udev
stty -F /dev/ttyS1 raw -echo 115200
exec </dev/null >/dev/ttyS1 2>&1
/lib/systemd/systemd-udevd --daemon --resolve-names=early
while read -r module; do
    case $module in
    dummy_hcd) modprobe dummy_hcd num=4 ;;
    *) modprobe "$module" ;;
    esac || echo "@@ failed modprobe $module"
done </tests/modules
mount -t configfs configfs /sys/kernel/config
udevadm trigger --action=add
udevadm settle --timeout=60
while read -r suite; do
    echo "@@ suite $suite"
    timeout -s KILL 600 "/tests/$suite" --no-colors=true
    echo "@@ end $suite $?"
done </tests/order
echo '@@ over'
poweroff -f

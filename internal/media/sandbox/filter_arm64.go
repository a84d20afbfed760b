package sandbox

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_AARCH64

// forks are the calls of this machine that make processes, beside clone(2): none.
var forks []uint32

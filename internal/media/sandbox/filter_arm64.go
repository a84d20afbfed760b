package sandbox

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_AARCH64

// forks are the calls of this machine that make processes, beside clone(2): none.
var forks []uint32

// ports are the calls of this machine alone that no program needs: none.
var ports []uint32

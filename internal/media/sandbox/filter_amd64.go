package sandbox

import "golang.org/x/sys/unix"

const machine = unix.AUDIT_ARCH_X86_64

// forks are the calls of this machine that make processes, beside clone(2).
var forks = []uint32{unix.SYS_FORK, unix.SYS_VFORK}

// ports are the calls of this machine alone that no program needs: those of its ports and segments.
var ports = []uint32{unix.SYS_MODIFY_LDT, unix.SYS_IOPERM, unix.SYS_IOPL}

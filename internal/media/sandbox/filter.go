package sandbox

import (
	"bytes"
	"encoding/binary"
	"slices"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// refused are the system calls that no decoder needs and that a broken one would try: what makes sockets, shares memory that no limit
// counts, looks into other processes, or talks to parts of the kernel where bounds have been broken before.
var refused = append([]uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR,
	unix.SYS_SHMGET, unix.SYS_SEMGET, unix.SYS_MSGGET, unix.SYS_MQ_OPEN, unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_KCMP, unix.SYS_PIDFD_GETFD, unix.SYS_PROCESS_MADVISE,
	unix.SYS_UNSHARE, unix.SYS_SETNS, unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_MOVE_MOUNT,
	unix.SYS_OPEN_TREE, unix.SYS_FSOPEN, unix.SYS_FSCONFIG, unix.SYS_FSMOUNT, unix.SYS_FSPICK, unix.SYS_MOUNT_SETATTR,
	unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY, unix.SYS_KEYCTL, unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER, unix.SYS_FANOTIFY_INIT,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SWAPON, unix.SYS_QUOTACTL,
	unix.SYS_NAME_TO_HANDLE_AT, unix.SYS_OPEN_BY_HANDLE_AT, unix.SYS_ACCT, unix.SYS_SYSLOG,
}, ports...)

// Offsets into struct seccomp_data (seccomp(2)); argument 0's lower half, for the machines are little-endian.
const (
	callNumber   = 0
	callMachine  = 4
	callArgument = 16
	callSecond   = 24
	callThird    = 32
	callFourth   = 40
	socketKind   = 0xF        // of socket(2)'s second argument; the rest are flags
	otherMachine = 0x40000000 // x32's calls are numbered from here; nothing else's are
)

// namespaces are clone(2)'s flags that make one.
const namespaces = unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS | unix.CLONE_NEWCGROUP |
	unix.CLONE_NEWTIME

// callFilter is a program for seccomp(2) that refuses what is refused, and every clone(2) but of a thread. clone3(2), whose flags a
// filter can't see, is said not to be known: libraries then take clone(2). served: sockets of TCP over IPv4 can be made. works: processes
// can be made too, in no namespace of their own, and talk to one another by Unix sockets, which end where their network does; they share no memory
// but of files in their workshop, for that would be counted with none of them. Not both.
func callFilter(served, works bool) []byte {
	deny, allow := bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)}, bpf.RetConstant{Val: unix.SECCOMP_RET_ALLOW}
	filter := []bpf.Instruction{
		bpf.LoadAbsolute{Off: callMachine, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: machine, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_KILL_PROCESS},
		bpf.LoadAbsolute{Off: callNumber, Size: 4},
		bpf.JumpIf{Cond: bpf.JumpLessThan, Val: otherMachine, SkipTrue: 1},
		deny,
		bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_CLONE3, SkipTrue: 1},
		bpf.RetConstant{Val: unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)},
	}
	if served {
		filter = append(filter,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_SOCKET, SkipTrue: 10},
			bpf.LoadAbsolute{Off: callArgument, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.AF_INET, SkipTrue: 6},
			bpf.LoadAbsolute{Off: callSecond, Size: 4},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: socketKind},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SOCK_STREAM, SkipTrue: 3},
			bpf.LoadAbsolute{Off: callThird, Size: 4}, // MPTCP, SCTP and SMC are streams over IPv4 too
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: 0, SkipTrue: 2},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.IPPROTO_TCP, SkipTrue: 1},
			deny,
			allow,
		)
	}
	if works {
		filter = append(filter,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_SOCKET, SkipTrue: 4},
			bpf.LoadAbsolute{Off: callArgument, Size: 4},
			bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.AF_UNIX, SkipTrue: 1},
			deny,
			allow,
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.SYS_MMAP, SkipTrue: 5},
			bpf.LoadAbsolute{Off: callFourth, Size: 4},
			bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: unix.MAP_SHARED | unix.MAP_ANONYMOUS},
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: unix.MAP_SHARED | unix.MAP_ANONYMOUS, SkipTrue: 1},
			deny,
			allow,
		)
	}
	calls, cloned := slices.Concat(refused, forks), bpf.JumpIf{Cond: bpf.JumpBitsSet, Val: unix.CLONE_THREAD, SkipTrue: 1}
	if works {
		calls, cloned = refused, bpf.JumpIf{Cond: bpf.JumpBitsNotSet, Val: namespaces, SkipTrue: 1}
	}
	for _, call := range calls {
		filter = append(filter, bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: call, SkipTrue: 1}, deny)
	}
	filter = append(filter,
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: unix.SYS_CLONE, SkipTrue: 1},
		allow,
		bpf.LoadAbsolute{Off: callArgument, Size: 4},
		cloned,
		deny,
		allow,
	)
	var out bytes.Buffer
	for _, i := range filter {
		raw, err := i.Assemble()
		if err != nil {
			panic(err) // of constants
		}
		// struct sock_filter; a bytes.Buffer takes everything.
		_ = binary.Write(&out, binary.NativeEndian, raw)
	}
	return out.Bytes()
}

package main

import "golang.org/x/sys/unix"

// fewCalls is how many calls at once should find sockets: the default of --sip-calls.
const fewCalls = 200

// examinePhone says for how many calls the process may have sockets: two each, of half the files that it may open.
func (d *doctor) examinePhone() {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		d.note("phone", "how many files may be open can't be asked: %v", err)
		return
	}
	if room := files.Cur / 4; room < fewCalls {
		d.note("phone", "sockets for %d calls at once: raise the limit of open files (ulimit -n, LimitNOFILE=), or lower --sip-calls", room)
		return
	}
	d.ok("phone", "sockets for as many calls as --sip-calls allows by default")
}

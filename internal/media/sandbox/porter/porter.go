// Package porter lets a program that is shut in be served a file. A listening socket belongs to the network that it is made in, and only who
// is in a room's network can make one there. So Heed itself is started in the room first, as the porter: it makes the socket, hands it out and
// becomes the program that was asked for. It reads no file and never returns.
//
// It stands in init so that no program that imports package sandbox can forget to let it in, and in a package that imports next to nothing:
// Go readies packages as soon as what they import is ready, so that this one comes before all that a whole line needs, which takes longer
// than a porter's work (The Go Programming Language Specification, Program initialization).
package porter

import (
	"errors"
	"os"
	"syscall"
)

const (
	// Address is where the program finds the file: on its room's own loopback, which nothing else is on.
	Address = "http://127.0.0.1:8080/"
	number  = 8080
	// Path is the porter's own program, which it is given as an open file; socket is where it hands the port out.
	Path    = "/proc/self/fd/6"
	file    = 6
	socket  = 5
	backlog = 16
)

func init() {
	if os.Args[0] != Path {
		return
	}
	_, _ = os.Stderr.WriteString("the porter: " + port(os.Args[1:]).Error() + "\n") // it has nobody else to tell
	os.Exit(1)
}

// port hands a port of this room's loopback out and becomes the program. It returns what went wrong.
func port(program []string) error {
	syscall.CloseOnExec(socket)
	syscall.CloseOnExec(file)
	listening, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return errors.New("make a socket: " + err.Error())
	}
	if err := syscall.Bind(listening, &syscall.SockaddrInet4{Port: number, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return errors.New("take a port: " + err.Error())
	}
	if err := syscall.Listen(listening, backlog); err != nil {
		return errors.New("listen: " + err.Error())
	}
	if err := syscall.Sendmsg(socket, []byte{0}, syscall.UnixRights(listening), nil, 0); err != nil {
		return errors.New("hand a port out: " + err.Error())
	}
	return syscall.Exec(program[0], program, os.Environ())
}

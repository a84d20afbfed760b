package sandbox

import (
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Address is where a program finds the file that it is served (Program.Served): on its room's own loopback, which nothing else is on.
const Address = "http://127.0.0.1:8080/"

const (
	portNumber = 8080
	// portSocket and porterPath are what the porter is given: where it hands the port out, and its own program.
	portSocket  = 5
	porterFile  = 6
	porterPath  = "/proc/self/fd/6"
	portBacklog = 16
)

// A listening socket belongs to the network that it is made in, and only who is in a room's network can make one there. So this very
// program is started in the room first, as the porter: it makes the socket, hands it out and becomes the program that was asked for. It
// reads no file and never returns. It stands in init so that no program that imports this package can forget to let it in.
func init() {
	if os.Args[0] != porterPath {
		return
	}
	fmt.Fprintln(os.Stderr, "the porter:", port(os.Args[1:]))
	os.Exit(1)
}

// port hands a port of this room's loopback out and becomes the program. It returns what went wrong.
func port(program []string) error {
	syscall.CloseOnExec(portSocket)
	syscall.CloseOnExec(porterFile)
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("make a socket: %w", err)
	}
	if err := unix.Bind(socket, &unix.SockaddrInet4{Port: portNumber, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return fmt.Errorf("take a port: %w", err)
	}
	if err := unix.Listen(socket, portBacklog); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	if err := unix.Sendmsg(portSocket, []byte{0}, unix.UnixRights(socket), nil, 0); err != nil {
		return fmt.Errorf("hand a port out: %w", err)
	}
	return syscall.Exec(program[0], program, os.Environ())
}

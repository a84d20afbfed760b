package sandbox

import (
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/media/sandbox/porter"
)

// Address is where a program finds the file that it is served (Program.Served).
const Address = porter.Address

const (
	// servedAhead is how many bytes lie in a connection that the program hasn't taken yet: when it leaps, they are read for nothing.
	servedAhead = 128 << 10
	servedHead  = 4 << 10 // bytes of a request
	servedIdle  = time.Minute

	// A program that leaps, in a film whose sound lies far from its pictures too, asks once for each piece and reads some of it for nothing.
	// One that asks for more than these is after our processor.
	servedRequests = 1000     // and one more
	servedPiece    = 16 << 10 // for each piece of so many bytes
	servedBytes    = 64 << 20 // and the whole file
	servedTimes    = 64       // so many times
)

// serving is a file that is served to the program in a room, and to nobody else: by a socket of that room's own network.
type serving struct {
	file   *io.SectionReader
	ours   *os.File // by which the porter hands the port out
	server *http.Server
	done   sync.WaitGroup
	stop   func() // ends the room

	mu       sync.Mutex
	opened   bool           // the port was handed out
	requests int64          // that were answered
	read     int64          // bytes
	ended    bool           // no request is answered any more
	why      error          // what who reads hears then: net.ErrClosed, or ErrTooMuch
	under    sync.WaitGroup // requests that are being answered
	err      error          // of reading the file, or of serving it
}

// serve makes ready to serve a file, and gives what the porter in the room needs: its socket and its program.
func serve(file *io.SectionReader) (s *serving, inside []*os.File, err error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a socket for a porter: %w", err)
	}
	s = &serving{file: file, ours: os.NewFile(uintptr(pair[0]), "port")}
	s.server = &http.Server{
		Handler: s, ReadHeaderTimeout: servedIdle, IdleTimeout: servedIdle, MaxHeaderBytes: servedHead,
		ErrorLog: log.New(io.Discard, "", 0), // a connection that the program broke off
	}
	theirs := os.NewFile(uintptr(pair[1]), "porter")
	self, err := os.Open("/proc/self/exe")
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open this program: %w", err), theirs.Close(), s.ours.Close())
	}
	return s, []*os.File{theirs, self}, nil
}

// begin serves from when the porter hands the port out. It returns at once.
func (s *serving) begin() {
	s.done.Go(func() {
		if err := s.run(); err != nil {
			s.fail(err)
		}
	})
}

func (s *serving) run() error {
	listener, err := s.receive()
	if err != nil || listener == nil {
		return err
	}
	s.mu.Lock()
	s.opened = true
	s.mu.Unlock()
	if err := s.server.Serve(shallow{listener}); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve a file to a program: %w", err)
	}
	return nil
}

// receive waits for the port; nil where the room ends before it is handed out.
func (s *serving) receive() (net.Listener, error) {
	conn, err := net.FileConn(s.ours)
	if err != nil {
		return nil, fmt.Errorf("wait for a porter: %w", err)
	}
	defer conn.Close()
	var said [1]byte
	rights := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := conn.(*net.UnixConn).ReadMsgUnix(said[:], rights)
	if err != nil || n == 0 {
		return nil, nil // its other end is closed: status says how the room ended
	}
	messages, err := unix.ParseSocketControlMessage(rights[:n])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("take a port: %d messages, %w", len(messages), err)
	}
	sockets, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(sockets) != 1 {
		return nil, fmt.Errorf("take a port: %d sockets, %w", len(sockets), err)
	}
	unix.CloseOnExec(sockets[0])
	file := os.NewFile(uintptr(sockets[0]), "port of a room")
	listener, err := net.FileListener(file)
	if err != nil {
		err = fmt.Errorf("take a port: %w", err)
	}
	return listener, errors.Join(err, file.Close())
}

// end stops serving and says what went wrong on our side. handed: the program had its port.
func (s *serving) end() (handed bool, err error) {
	s.mu.Lock()
	if !s.ended {
		s.ended, s.why = true, net.ErrClosed
	}
	s.mu.Unlock()
	err = s.server.Close() // waits for nobody
	s.under.Wait()
	s.done.Wait() // the room is left: if the port isn't handed out by now, the socket for it is closed
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.opened, errors.Join(s.err, err)
}

// ServeHTTP implements http.Handler: the whole file, or the range that is asked for (RFC 9110, section 14).
func (s *serving) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.takes() {
		panic(http.ErrAbortHandler) // ends the connection
	}
	defer s.under.Done()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, io.NewSectionReader(s, 0, s.file.Size()))
}

// takes says whether one more request is answered, and then counts it.
func (s *serving) takes() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	if s.requests++; s.requests > servedRequests+s.file.Size()/servedPiece {
		_ = s.tooMuch("requests", s.requests) // end tells
		return false
	}
	s.under.Add(1)
	return true
}

// tooMuch ends a program that asks for too much. mu is held.
func (s *serving) tooMuch(what string, n int64) error {
	err := fmt.Errorf("a file of %d bytes is asked for by %d %s: %w", s.file.Size(), n, what, ErrTooMuch)
	s.err = errors.Join(s.err, err)
	s.ended, s.why = true, err
	s.stop()
	return err
}

// ReadAt implements io.ReaderAt: it reads the file and keeps what goes wrong, so that ours is told from the program's.
func (s *serving) ReadAt(p []byte, off int64) (int, error) {
	if err := s.reads(int64(len(p))); err != nil {
		return 0, err
	}
	n, err := s.file.ReadAt(p, off)
	if err != nil && !errors.Is(err, io.EOF) {
		s.fail(err)
	}
	return n, err
}

// reads counts bytes that are about to be read.
func (s *serving) reads(n int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return s.why
	}
	if s.read += n; s.read > servedBytes+servedTimes*s.file.Size() {
		return s.tooMuch("bytes", s.read)
	}
	return nil
}

func (s *serving) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

// shallow makes connections in which little lies.
type shallow struct{ net.Listener }

func (l shallow) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		err = tcp.SetWriteBuffer(servedAhead)
	}
	return c, err
}

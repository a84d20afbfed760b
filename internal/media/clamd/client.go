package clamd

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/heed-line/heed/internal/profile"
)

var (
	// ErrDown says that the daemon can't be reached, or gave no answer that means anything.
	ErrDown = errors.New("clamd doesn't answer")
	// ErrUnscanned says that the daemon didn't look at the whole file: it is larger than it takes (StreamMaxLength and its other limits).
	ErrUnscanned = errors.New("clamd doesn't look at the whole of such a file")
	// ErrFailed says that the daemon answered, and that it could do nothing with this file: for want of room in its TemporaryDirectory, say.
	ErrFailed = errors.New("clamd fails at the file")
)

// Patience is how long one file may take, from connecting to the answer: a daemon all of whose threads are busy reads nothing for minutes.
// The short one is that of connecting, and of a ping; within the whole, a daemon that takes not even one piece of a file for that of a piece hangs.
const (
	Patience      = 10 * time.Minute
	piecePatience = 2 * time.Minute
	shortPatience = 30 * time.Second
	// lastWord is how long what a daemon said may take to come that reads no more.
	lastWord = time.Second
)

const (
	piece       = 64 << 10 // bytes that are sent at once
	answerBytes = 4 << 10  // of an answer; more is none
	nameRunes   = 200      // of a signature's name
	// limitNames begins what a daemon "finds" that has AlertExceedsMax on, where it stopped looking.
	limitNames = "Heuristics.Limits.Exceeded"
)

// Client asks one daemon. It is safe for concurrent use.
type Client struct {
	network, address string
	piecePatience    time.Duration
}

// New makes a Client of the daemon that the profile names; nil where it names none.
func New(c profile.Clamd) *Client {
	if c.Address == "" {
		return nil
	}
	network := "tcp"
	if strings.HasPrefix(c.Address, "/") {
		network = "unix"
	}
	return &Client{network, c.Address, piecePatience}
}

// Ping returns ErrDown where the daemon doesn't answer, or can't scan so much as one byte.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shortPatience)
	defer cancel()
	if err := c.pong(ctx); err != nil {
		return err
	}
	switch _, err := c.Scan(ctx, strings.NewReader(".")); {
	case errors.Is(err, ErrFailed), errors.Is(err, ErrUnscanned):
		return fmt.Errorf("%w: it answers, and can scan nothing: %w", ErrDown, err)
	default:
		return err
	}
}

// pong is Ping but for the scanning.
func (c *Client) pong(ctx context.Context) error {
	conn, err := c.dial(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "zPING\x00"); err != nil {
		return down(ctx, err)
	}
	answer, err := read(conn)
	if err != nil || answer != "PONG" {
		return down(ctx, err)
	}
	return nil
}

// Scan gives the name of the signature that the file fits; "" where the daemon knows of none.
//
// It returns ErrDown, ErrUnscanned, ErrFailed, file's own error or ctx's.
func (c *Client) Scan(ctx context.Context, file io.Reader) (signature string, err error) {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	conn, err := c.dial(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	// A daemon that has enough says so and closes before all was sent: what it said counts, not that the sending broke.
	ours, sending := c.send(ctx, conn, file)
	if ours != nil {
		return "", ours
	}
	if errors.Is(sending, os.ErrDeadlineExceeded) { // then it has said it, or says nothing
		if err := conn.SetReadDeadline(time.Now().Add(lastWord)); err != nil {
			return "", down(ctx, err)
		}
	}
	answer, err := read(conn)
	if err != nil {
		return "", down(ctx, errors.Join(sending, err))
	}
	return parse(answer)
}

// send sends a file; ours is the file's error, and theirs the connection's.
func (c *Client) send(ctx context.Context, conn net.Conn, file io.Reader) (ours, theirs error) {
	if _, theirs = io.WriteString(conn, "zINSTREAM\x00"); theirs != nil {
		return nil, theirs
	}
	buffer := make([]byte, 4+piece)
	for {
		n, err := io.ReadFull(file, buffer[4:])
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return fmt.Errorf("read what is scanned: %w", err), nil
		}
		binary.BigEndian.PutUint32(buffer, uint32(n))
		if theirs = conn.SetWriteDeadline(time.Now().Add(c.piecePatience)); theirs == nil {
			theirs = ctx.Err() // which may have set a deadline of its own before
		}
		if theirs != nil {
			return nil, theirs
		}
		if n > 0 {
			if _, theirs = conn.Write(buffer[:4+n]); theirs != nil {
				return nil, theirs
			}
		}
		if ended {
			_, theirs = conn.Write([]byte{0, 0, 0, 0})
			return nil, theirs
		}
	}
}

// read reads one answer, which ends with a zero byte.
func read(conn net.Conn) (string, error) {
	b, err := bufio.NewReader(io.LimitReader(conn, answerBytes)).ReadString(0)
	return strings.TrimSuffix(b, "\x00"), err
}

// parse reads the answer about a file.
func parse(answer string) (signature string, err error) {
	said, found := strings.CutPrefix(answer, "stream: ")
	switch name, bad := strings.CutSuffix(said, " FOUND"); {
	case found && said == "OK":
		return "", nil
	case found && bad && strings.HasPrefix(name, limitNames):
		return "", ErrUnscanned
	case found && bad:
		if signature = printable(name); signature == "" {
			return "?", nil
		}
		return signature, nil
	case strings.Contains(answer, "size limit exceeded"):
		return "", ErrUnscanned
	case strings.HasSuffix(answer, " ERROR"):
		return "", fmt.Errorf("%w: %s", ErrFailed, printable(answer))
	}
	return "", fmt.Errorf("it says something else: %w", ErrDown)
}

// printable is a name as it may be shown: a daemon is trusted with files, and not with pages.
func printable(name string) string {
	var b strings.Builder
	n := 0
	for _, r := range name {
		if n < nameRunes && r != unicode.ReplacementChar && unicode.IsGraphic(r) {
			b.WriteRune(r)
			n++
		}
	}
	return strings.TrimSpace(b.String())
}

// dial connects to the operator's own addresses alone, until ctx ends, as it must. The address is judged after names are resolved, on the very connection.
func (c *Client) dial(ctx context.Context) (net.Conn, error) {
	d := net.Dialer{Timeout: shortPatience}
	if c.network == "tcp" {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			if at, err := netip.ParseAddrPort(address); err != nil || !profile.OwnNetwork(at.Addr()) {
				return errors.New("the address is not on your own network")
			}
			return nil
		}
	}
	conn, err := d.DialContext(ctx, c.network, c.address)
	if err != nil {
		return nil, down(ctx, err)
	}
	context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) }) // what waits for it ends; a closed one can't, and needn't
	return conn, nil
}

// down is the caller's own error where they stopped.
func down(ctx context.Context, err error) error {
	if own := ctx.Err(); own != nil && !errors.Is(own, context.DeadlineExceeded) {
		return own
	}
	if err == nil {
		return ErrDown
	}
	return fmt.Errorf("%w: %w", ErrDown, err)
}

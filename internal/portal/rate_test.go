package portal_test

import (
	"bufio"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/seal"
)

// BenchmarkUploadBesideTheDisk sends a file by tus, in parts as the form's own script does, into a folder of sealed files. In the same run the same
// bytes are written plainly to the same disk, in one write with one fsync, and sealed with AES-256-GCM in frames of 64 KiB by one core, which is
// all that one stream can have.
//
// A disk whose pace changes from one second to the next would tell more of that than of the line. So each upload stands between two plain writes
// and is compared with the mean of their times, and with its own round's sealing; and of the shares of all rounds, each that of the lower of the
// two, the median is given, beside the least. The rates, in MiB a second, are medians likewise.
//
// What the line's own sealing has of AES-256-GCM's rate is given too, where it writes to nowhere.
//
// Nothing of one measurement is left for the next to pay: what was written is deleted, and the file system at rest, before the clock starts.
//
// A sender elsewhere has a processor of its own. Here it has to share, and what it does would be taken from the line's: so it has the system send
// what lies in the page cache, without a copy of its own (sendfile(2)). The line receives as it does from anybody.
func BenchmarkUploadBesideTheDisk(b *testing.B) {
	const size = 256 << 20
	r := newRates(b, size)
	var uploads, disks, sealings, shares, sealed []float64
	before := r.disk(b)
	for range b.N {
		upload, sealing, frames, after := r.upload(b), r.sealing(b), r.frames(b), r.disk(b)
		disk := (before + after) / 2
		before = after
		uploads, disks, sealings = append(uploads, rate(size, upload)), append(disks, rate(size, disk)), append(sealings, rate(size, sealing))
		shares = append(shares, max(disk, sealing).Seconds()/upload.Seconds())
		sealed = append(sealed, sealing.Seconds()/frames.Seconds())
	}
	b.ReportMetric(median(uploads), "upload-MiB/s")
	b.ReportMetric(median(disks), "disk-MiB/s")
	b.ReportMetric(median(sealings), "sealing-MiB/s")
	b.ReportMetric(median(sealed), "sealing-share")
	b.ReportMetric(median(shares), "share")
	b.ReportMetric(slices.Min(shares), "least-share")
	b.ReportMetric(0, "ns/op")
}

// partAfter is how much the form's own script sends at a time (web/static/upload.js), after a part of so many bytes: what goes in four seconds
// at that pace, from 32 to 128 MiB. First it sends 4 KiB, by which the line sees of what kind the file is, and then the least.
func partAfter(bytes int64, took time.Duration) int64 {
	const first, least, most, span = 4 << 10, 32 << 20, 128 << 20, 4
	switch {
	case bytes == 0:
		return first
	case bytes < least:
		return least
	}
	return min(most, max(least, int64(float64(bytes)/took.Seconds()*span)))
}

// rates measures how fast one line, its disk and its processor are.
type rates struct {
	*line
	content []byte
	source  *os.File // of the same bytes, in the page cache
	folder  *os.File
	sender  net.Conn
	answers *bufio.Reader
	gcm     cipher.AEAD
}

func newRates(b *testing.B, size int) *rates {
	r := &rates{line: newLine(b), content: make([]byte, size)}
	rand.Read(r.content)
	copy(r.content, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	var err error
	if r.sender, err = net.Dial("tcp", r.server.Listener.Addr().String()); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.sender.Close() })
	r.answers = bufio.NewReader(r.sender)
	if r.folder, err = os.Open(r.dir); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.folder.Close() })
	if r.source, err = os.Create(filepath.Join(r.dir, "source")); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { r.source.Close() })
	if _, err := r.source.Write(r.content); err != nil {
		b.Fatal(err)
	}
	block, err := aes.NewCipher(r.content[:32])
	if err != nil {
		b.Fatal(err)
	}
	if r.gcm, err = cipher.NewGCM(block); err != nil {
		b.Fatal(err)
	}
	return r
}

// timed is how long something takes that begins with the file system at rest.
func (r *rates) timed(b *testing.B, act func()) time.Duration {
	if err := unix.Syncfs(int(r.folder.Fd())); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	act()
	return time.Since(start)
}

func (r *rates) disk(b *testing.B) time.Duration {
	var plain *os.File
	took := r.timed(b, func() {
		var err error
		if plain, err = os.Create(filepath.Join(r.dir, "plain")); err != nil {
			b.Fatal(err)
		}
		if _, err := plain.Write(r.content); err != nil {
			b.Fatal(err)
		}
		if err := plain.Sync(); err != nil {
			b.Fatal(err)
		}
	})
	if err := errors.Join(plain.Close(), os.Remove(plain.Name())); err != nil {
		b.Fatal(err)
	}
	return took
}

func (r *rates) sealing(b *testing.B) time.Duration {
	return r.timed(b, func() {
		nonce, sealed := make([]byte, r.gcm.NonceSize()), make([]byte, 0, 70<<10)
		for at := 0; at < len(r.content); at += 64 << 10 {
			sealed = r.gcm.Seal(sealed[:0], nonce, r.content[at:at+64<<10], nil)
		}
	})
}

// frames seals all of the content as the line does.
func (r *rates) frames(b *testing.B) time.Duration {
	return r.timed(b, func() {
		w, err := seal.NewPaddedWriter(io.Discard, seal.NewKey(), seal.FilePlace("test"))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := w.Write(r.content); err != nil {
			b.Fatal(err)
		}
		if err := w.Close(); err != nil {
			b.Fatal(err)
		}
	})
}

func (r *rates) upload(b *testing.B) time.Duration {
	address := r.begin("story.txt", len(r.content))
	if _, err := r.source.Seek(0, io.SeekStart); err != nil {
		b.Fatal(err)
	}
	took := r.timed(b, func() {
		part := partAfter(0, 0)
		for at, size := int64(0), int64(len(r.content)); at < size; {
			part = min(part, size-at)
			began := time.Now()
			_, err := fmt.Fprintf(r.sender, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"+
				"Content-Length: %d\r\nUpload-Offset: %d\r\n\r\n", address, r.sender.RemoteAddr(), part, at)
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.CopyN(r.sender, r.source, part); err != nil {
				b.Fatal(err)
			}
			answer, err := http.ReadResponse(r.answers, nil)
			if err != nil {
				b.Fatal(err)
			}
			if answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
				b.Fatal(answer.Status)
			}
			at, part = at+part, partAfter(part, time.Since(began))
		}
	})
	ended, err := r.server.Client().Do(r.request(http.MethodDelete, address, nil, "Tus-Resumable", "1.0.0"))
	if err != nil {
		b.Fatal(err)
	}
	if ended.Body.Close(); ended.StatusCode != http.StatusNoContent {
		b.Fatal(ended.Status)
	}
	return took
}

// rate is in MiB a second.
func rate(size int, took time.Duration) float64 { return float64(size>>20) / took.Seconds() }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

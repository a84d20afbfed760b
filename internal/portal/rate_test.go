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
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkUploadBesideTheDisk sends a file by tus, in parts as the form's own script does, into a folder of sealed files. Beside it, in the same
// run and by turns, the same bytes are written plainly to the same disk, in one write with one fsync, and sealed with AES-256-GCM in frames of
// 64 KiB by one core, which is all that one stream can have. It gives the rates of all rounds in MiB a second, and the share that an upload has of
// the lower of the two.
//
// Nothing of one measurement is left for the next to pay: what was written is deleted, and the file system at rest, before the clock starts.
//
// A sender elsewhere has a processor of its own. Here it has to share, and what it does would be taken from the line's: so it has the system send
// what was written plainly, which lies in the page cache, without a copy of its own (sendfile(2)). The line receives as it does from anybody.
func BenchmarkUploadBesideTheDisk(b *testing.B) {
	const size, part = 256 << 20, 32 << 20
	content := make([]byte, size)
	rand.Read(content)
	copy(content, "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
	l := newLine(b)
	sender, err := net.Dial("tcp", l.server.Listener.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	defer sender.Close()
	answers := bufio.NewReader(sender)
	folder, err := os.Open(l.dir)
	if err != nil {
		b.Fatal(err)
	}
	defer folder.Close()
	block, err := aes.NewCipher(content[:32])
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	timed := func(act func()) time.Duration {
		if err := unix.Syncfs(int(folder.Fd())); err != nil {
			b.Fatal(err)
		}
		start := time.Now()
		act()
		return time.Since(start)
	}
	var upload, disk, sealing time.Duration
	for range b.N {
		var plain *os.File
		disk += timed(func() {
			if plain, err = os.Create(filepath.Join(l.dir, "plain")); err != nil {
				b.Fatal(err)
			}
			if _, err := plain.Write(content); err != nil {
				b.Fatal(err)
			}
			if err := plain.Sync(); err != nil {
				b.Fatal(err)
			}
		})
		if _, err := plain.Seek(0, io.SeekStart); err != nil {
			b.Fatal(err)
		}
		sealing += timed(func() {
			nonce, sealed := make([]byte, gcm.NonceSize()), make([]byte, 0, 70<<10)
			for at := 0; at < size; at += 64 << 10 {
				sealed = gcm.Seal(sealed[:0], nonce, content[at:at+64<<10], nil)
			}
		})
		address := l.begin("story.txt", size)
		upload += timed(func() {
			for at := 0; at < size; at += part {
				_, err := fmt.Fprintf(sender, "PATCH %s HTTP/1.1\r\nHost: %s\r\nTus-Resumable: 1.0.0\r\nContent-Type: application/offset+octet-stream\r\n"+
					"Content-Length: %d\r\nUpload-Offset: %d\r\n\r\n", address, sender.RemoteAddr(), part, at)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := io.CopyN(sender, plain, part); err != nil {
					b.Fatal(err)
				}
				answer, err := http.ReadResponse(answers, nil)
				if err != nil {
					b.Fatal(err)
				}
				if answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
					b.Fatal(answer.Status)
				}
			}
		})
		r := l.request(http.MethodDelete, address, nil, "Tus-Resumable", "1.0.0")
		if answer, err := l.server.Client().Do(r); err != nil || answer.StatusCode != http.StatusNoContent {
			b.Fatal(err)
		}
		if err := errors.Join(plain.Close(), os.Remove(plain.Name())); err != nil {
			b.Fatal(err)
		}
	}
	rate := func(d time.Duration) float64 { return float64(b.N) * (size >> 20) / d.Seconds() }
	b.ReportMetric(rate(upload), "upload-MiB/s")
	b.ReportMetric(rate(disk), "disk-MiB/s")
	b.ReportMetric(rate(sealing), "sealing-MiB/s")
	b.ReportMetric(rate(upload)/min(rate(disk), rate(sealing)), "share")
	b.ReportMetric(0, "ns/op")
}

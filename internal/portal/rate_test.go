package portal_test

import (
	"bufio"
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkUploadBesideTheDisk sends a file by tus into a folder of sealed files, and beside it, in the same run, writes the same bytes plainly
// to the same disk with one fsync, and seals them with AES-256-GCM in frames of 64 KiB. It gives the rates in MiB a second and the share that
// an upload has of the lower of the two.
//
// The sender writes each part to its connection straight from memory: it has no processor of its own here, as it has elsewhere, and what a
// client of HTTP copies besides would be taken from the line's.
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
	block, err := aes.NewCipher(content[:32])
	if err != nil {
		b.Fatal(err)
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		b.Fatal(err)
	}
	timed := func(act func()) time.Duration {
		start := time.Now()
		act()
		return time.Since(start)
	}
	var upload, disk, sealing time.Duration
	for range b.N {
		disk += timed(func() {
			f, err := os.Create(filepath.Join(l.dir, "plain"))
			if err != nil {
				b.Fatal(err)
			}
			if _, err := io.Copy(f, bytes.NewReader(content)); err != nil {
				b.Fatal(err)
			}
			if err := f.Sync(); err != nil {
				b.Fatal(err)
			}
			if err := f.Close(); err != nil {
				b.Fatal(err)
			}
		})
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
				if _, err := sender.Write(content[at : at+part]); err != nil {
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
		if err := os.Remove(filepath.Join(l.dir, "plain")); err != nil {
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

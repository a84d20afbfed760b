package portal

import (
	"crypto/sha1" // which the protocol demands; it finds broken lines, not forgers
	"crypto/sha256"
	"encoding/base64"
	"hash"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
)

const (
	maxMetadata = 4 << 10 // of all of Upload-Metadata: a name of 200 bytes and a type take a tenth of it
	maxPairs    = 16
)

// headerProblem is a fault in one of the protocol's headers.
func headerProblem(name string) error { return &heed.Problem{Field: name, Code: "upload-header"} }

// uploadNumber reads a header that is a whole number of bytes, written in digits alone. One too large for any file is the
// largest there is.
func uploadNumber(h http.Header, name string) (int64, error) {
	values := h.Values(name)
	if len(values) != 1 || values[0] == "" || strings.Trim(values[0], "0123456789") != "" {
		return 0, headerProblem(name)
	}
	n, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil && n == 0 {
		return 0, headerProblem(name)
	}
	return n, nil
}

// uploadLength is a new upload's length. It must be known at once, and the file must come in one piece of its own.
func uploadLength(h http.Header) (int64, error) {
	for _, extension := range []string{"Upload-Defer-Length", "Upload-Concat"} {
		if h.Get(extension) != "" {
			return 0, headerProblem(extension)
		}
	}
	return uploadNumber(h, "Upload-Length")
}

// uploadName is the file's name in the metadata that came with a new upload, "" where it has none. Every pair must be
// sound; those that nobody needs are forgotten.
func uploadName(h http.Header) (string, error) {
	const header = "Upload-Metadata"
	text := strings.Join(h.Values(header), ",")
	if text == "" {
		return "", nil
	}
	pairs := strings.Split(text, ",")
	if len(text) > maxMetadata || len(pairs) > maxPairs {
		return "", headerProblem(header)
	}
	found := map[string]string{}
	for _, pair := range pairs {
		key, encoded, _ := strings.Cut(strings.TrimSpace(pair), " ")
		value, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if _, again := found[key]; again || key == "" || !printable(key) || err != nil || !utf8.Valid(value) {
			return "", headerProblem(header)
		}
		found[key] = string(value)
	}
	if name, ok := found["filename"]; ok {
		return name, nil
	}
	return found["name"], nil
}

// printable reports whether a key is of visible ASCII, as the protocol has it.
func printable(key string) bool {
	return strings.IndexFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) < 0
}

// checksumNames are the algorithms of uploadChecksum.
func checksumNames() []string { return []string{"sha1", "sha256"} }

// uploadChecksum reads what the bytes of a sending must come to.
func uploadChecksum(h http.Header) (intake.Checksum, error) {
	const header = "Upload-Checksum"
	text := h.Get(header)
	if text == "" {
		return intake.Checksum{}, nil
	}
	name, encoded, _ := strings.Cut(text, " ")
	var by hash.Hash
	switch name {
	case "sha1":
		by = sha1.New()
	case "sha256":
		by = sha256.New()
	default:
		return intake.Checksum{}, headerProblem(header)
	}
	sum, err := base64.StdEncoding.Strict().DecodeString(encoded)
	if err != nil || len(sum) != by.Size() {
		return intake.Checksum{}, headerProblem(header)
	}
	return intake.Checksum{Hash: by, Sum: sum}, nil
}

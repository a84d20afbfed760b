// Package mediatest makes files for tests of what happens to files.
//
// Only tests may import it.
package mediatest

import "encoding/binary"

// Outlook is a file that is taken for a mail of Outlook's and is none, so that no copy can be made of it: a head of 1,040 bytes ([MS-CFB], 2.2,
// with the class of such a mail where its root should stand), then the content.
func Outlook(content string) []byte {
	b := make([]byte, 1040, 1040+len(content))
	copy(b, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	binary.LittleEndian.PutUint16(b[26:], 3)
	copy(b[512+80:], "\x0b\x0d\x02\x00\x00\x00\x00\x00\xc0\x00\x00\x00\x00\x00\x00\x46")
	return append(b, content...)
}

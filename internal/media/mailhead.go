package media

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net/textproto"
	"strconv"
	"strings"
)

// mailFields are a head's that programs write, by how their names begin (RFC 5322, 2045, 6376, 8601, 8617 and what is usual).
var mailFields = []string{
	"received", "return-path", "message-id", "mime-version", "content-", "dkim-", "domainkey-", "arc-", "authentication-", "x-", "delivered-to",
	"envelope-to", "reply-to", "sender", "bcc", "in-reply-to", "references", "user-agent", "list-", "thread-", "resent-", "errors-to",
	"auto-submitted", "precedence", "importance", "accept-language", "feedback-id", "original-", "autocrypt", "disposition-notification-to",
}

const (
	// mailLines is how many lines are looked at for whether a text is a mail, beside those that go on with another.
	mailLines = 100
	// mailField is how long a field of a head may be.
	mailField = 16 << 10
)

// mailAt finds the mail that a text is, past what programs that store one put before it: mbox a line "From …", .emlx the mail's size (0 where
// none is said). It is one where it begins with a field and at least two of a mail's are among the first, one of them written by a program or none
// but a mail's. What somebody noted under "Date:" and "Place:" is a text.
func mailAt(b []byte) (at int, size int64, mbox, found bool) {
	known, machine, others := 0, 0, 0
	for lines, i := 0, 0; lines < mailLines && i < len(b); lines++ {
		line, _, _ := bytes.Cut(b[i:], []byte{'\n'})
		next := i + len(line) + 1
		line = bytes.TrimRight(line, "\r")
		name, field := fieldName(line)
		switch first := known+machine+others == 0; {
		case len(line) == 0 && !first:
			return at, size, mbox, known > 1 && others == 0
		case len(line) == 0:
		case first && (bytes.HasPrefix(line, []byte("From ")) || bytes.HasPrefix(line, []byte(">From "))):
			mbox = true
		case first && size == 0 && !field && digits(line) > 0:
			size = digits(line)
		case line[0] == ' ' || line[0] == '\t':
			if first {
				return 0, 0, false, false
			}
			lines--
		case !field:
			if first {
				return 0, 0, false, false
			}
			others++
		default:
			if first {
				at = i
			}
			switch {
			case isSaid(name):
				known++
			case programs(name):
				known, machine = known+1, machine+1
			default:
				others++
			}
			if known > 1 && machine > 0 {
				return at, size, mbox, true
			}
		}
		i = next
	}
	return at, size, mbox, known > 1 && others == 0
}

// digits is the number that a line is; 0 where it is none.
func digits(line []byte) int64 {
	n, err := strconv.ParseInt(string(bytes.TrimSpace(line[:min(len(line), 20)])), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// fieldName is the name of the field that a line begins, in small letters.
func fieldName(line []byte) (name string, found bool) {
	at := bytes.IndexByte(line[:min(len(line), 80)], ':')
	if at < 1 {
		return "", false
	}
	name = strings.ToLower(strings.TrimRight(string(line[:at]), " \t"))
	return name, name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
}

func isSaid(name string) bool {
	for _, s := range mailSays {
		if strings.EqualFold(s, name) {
			return true
		}
	}
	return false
}

// programs reports whether a field of that name is one that programs write.
func programs(name string) bool {
	for _, f := range mailFields {
		if strings.HasPrefix(name, f) {
			return true
		}
	}
	return false
}

// readHead reads a mail's head up to the empty line that ends it: the fields that are shown, and those that say how the rest is written. Of
// all else nothing is kept, in whatever form it is; of To and Cc only that they are there. whole is false
// where something was no field, or more than mailHead.
func readHead(r *bufio.Reader) (head textproto.MIMEHeader, whole bool, err error) {
	head, whole = textproto.MIMEHeader{}, true
	var value bytes.Buffer
	name, size, goesOn := "", 0, false
	done := func() {
		if name != "" {
			head[name] = append(head[name], value.String())
		}
		name = ""
		value.Reset()
	}
	for {
		piece, err := r.ReadSlice('\n')
		more := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && !more && !errors.Is(err, io.EOF) {
			return nil, false, err
		}
		line := bytes.TrimRight(piece, "\r\n")
		switch {
		case goesOn:
		case len(line) == 0:
			done()
			return head, whole, nil
		case line[0] == ' ' || line[0] == '\t':
		default:
			done()
			said, field := fieldName(line)
			whole = whole && field
			switch {
			case said == "to" || said == "cc":
				head[textproto.CanonicalMIMEHeaderKey(said)] = []string{""} // that it is there, and no more
			case isSaid(said) || said == "content-type" || said == "content-transfer-encoding" || said == "content-disposition":
				name = textproto.CanonicalMIMEHeaderKey(said)
				size += len(name)
				_, line, _ = bytes.Cut(line, []byte{':'})
			}
		}
		if name != "" {
			if size += len(line); size <= mailHead && value.Len()+len(line) <= mailField {
				value.Write(line)
			} else {
				size, whole, name = size-value.Len()-len(line), false, ""
			}
		}
		if goesOn = more; err != nil && !more {
			done()
			return head, whole, nil
		}
	}
}

package details

import (
	"net/netip"
	"regexp"
	"strings"

	"mvdan.cc/xurls/v2"
)

// topLevel is every top-level domain in use, and the reserved ones of RFC 2606 and RFC 7686.
var topLevel = func() map[string]bool {
	m := map[string]bool{"example": true, "test": true, "invalid": true, "onion": true, "local": true}
	for _, t := range xurls.TLDs {
		m[t] = true
	}
	return m
}()

// wordlike are top-level domains that are also words, so that a missing blank after a full stop makes no address.
var wordlike = map[string]bool{
	"is": true, "it": true, "me": true, "so": true, "in": true, "no": true, "my": true, "am": true, "pm": true, "to": true, "at": true,
	"be": true, "as": true, "us": true, "do": true, "la": true, "de": true, "es": true, "et": true, "ne": true, "se": true, "si": true,
	"he": true, "we": true, "this": true, "and": true, "now": true, "one": true, "men": true, "news": true, "call": true, "love": true,
	"you": true, "here": true, "there": true, "please": true, "he's": true, "il": true, "na": true, "ma": true, "un": true, "al": true,
	"son": true, "day": true, "help": true, "safe": true, "care": true, "car": true, "fire": true, "house": true, "live": true, "school": true,
}

var spelledAddress = regexp.MustCompile(`[a-z0-9][a-z0-9._+-]{0,60} ?[\[(] ?at ?[\])] ?[a-z0-9-]{1,60}(?: ?(?:\.|[\[(] ?dot ?[\])]) ?[a-z0-9-]{2,30}){1,4}`)

func hostByte(b byte) bool { return isLetter(b) || isDigit(b) || b == '.' || b == '-' || b == '_' }

// network finds e-mail and web addresses, IP addresses and handles: all live in runs of letters, digits, dots and dashes, which have a dot
// inside or end at another sign.
func (f *finder) network() {
	s := f.s
	from := 0 // what stands before has been read
	signs := f.seek(points | ats | colons | pluses)
	for at := signs.next(0); at < len(s); at = signs.next(max(from, at+1)) {
		start, end := at, at
		for start > from && hostByte(s[start-1]) {
			start--
		}
		for end < len(s) && hostByte(s[end]) {
			end++
		}
		if start < end {
			from = f.run(start, end)
		}
		if from <= at && strings.HasPrefix(s[at:], "::") {
			from = f.sixth(at)
		}
	}
	if f.marked&opens == 0 && strings.IndexByte(s, '[') < 0 {
		return
	}
	if strings.Contains(s, "(at") || strings.Contains(s, "[at") || strings.Contains(s, "( at") || strings.Contains(s, "[ at") {
		for _, m := range spelledAddress.FindAllStringIndex(s, 50) {
			f.add("email", m[0], m[1], 90)
		}
	}
}

// run reads the run s[start:end] and gives the place to go on from.
func (f *finder) run(start, end int) int {
	s := f.s
	if end-start > 300 {
		return end
	}
	if end < len(s) && s[end] == '@' || end+1 < len(s) && s[end] == '+' {
		if next, ok := f.address(start, end); ok {
			return next
		}
	}
	if start > 0 && s[start-1] == '@' {
		return end
	}
	if end+2 < len(s) && s[end] == ':' && strings.HasPrefix(s[end:], "://") {
		return f.scheme(start, end)
	}
	if next := f.colons(start, end); next > end {
		return next
	}
	host := strings.TrimRight(s[start:end], "._-")
	from := start + len(host) - len(strings.TrimLeft(host, "._-"))
	host = strings.TrimLeft(host, "._-")
	stop := from + len(host)
	if fourth(host) {
		if f.bounded(from, stop) {
			f.add("ip", from, stop, 80)
		}
		return end
	}
	if hostname(host, false) && f.plausible(host, from, stop) && f.runeBefore(from) != '@' {
		stop = f.path(stop)
		f.add("url", from, stop, 85)
		return max(end, stop)
	}
	return end
}

// address reads an e-mail address whose local part is s[start:at]; at may stand at a '+' inside the local part.
func (f *finder) address(start, at int) (int, bool) {
	s := f.s
	for at < len(s) && (hostByte(s[at]) || s[at] == '+') && at-start < 64 {
		at++
	}
	if at >= len(s) || s[at] != '@' {
		return 0, false
	}
	local := s[start:at]
	end := at + 1
	for end < len(s) && hostByte(s[end]) && end-at < 255 {
		end++
	}
	host := strings.TrimRight(s[at+1:end], "._-")
	stop := at + 1 + len(host)
	switch {
	case strings.Contains(local, "..") || local[0] == '.' || local[len(local)-1] == '.' || strings.Contains(host, "_"):
	case hostname(host, false):
		f.add("email", start, stop, 95)
	case host != "" && !strings.Contains(host, ".") && !isDigit(host[0]) && len(host) >= 3:
		f.add("account", start, stop, 70) // a payment address (UPI), "name@bank"
	}
	return end, true
}

// scheme reads an address with a scheme that ends at s[end] == ':'.
func (f *finder) scheme(start, end int) int {
	s := f.s
	name := s[start:end]
	if k := strings.LastIndexAny(name, ".-_"); k >= 0 {
		start, name = start+k+1, name[k+1:]
	}
	host := end + 3
	stop := host
	for stop < len(s) && hostByte(s[stop]) && stop-host < 255 {
		stop++
	}
	ok := false
	for _, known := range [...]string{"http", "https", "ftp", "hxxp", "hxxps"} {
		if strings.HasSuffix(name, known) {
			start, ok = end-len(known), true
		}
	}
	h := strings.TrimRight(s[host:stop], ".")
	if !ok || h != "localhost" && !fourth(h) && !hostname(h, true) {
		return max(stop, end+1)
	}
	stop = f.path(host + len(h))
	f.add("url", start, stop, 96)
	return stop
}

// path extends an address that ends at i by its port, path, query and fragment.
func (f *finder) path(i int) int {
	s := f.s
	if i < len(s) && s[i] == ':' {
		j := i + 1
		for j < len(s) && isDigit(s[j]) && j-i < 7 {
			j++
		}
		if j > i+1 {
			i = j
		}
	}
	if i >= len(s) || s[i] != '/' && s[i] != '?' && s[i] != '#' {
		return i
	}
	j := i
	for j < len(s) && s[j] > ' ' && s[j] < 0x7F && !strings.ContainsRune("\"<>{}|\\^`", rune(s[j])) && j-i < 2000 {
		j++
	}
	for j > i+1 && strings.ContainsRune(".,;:!?'", rune(s[j-1])) || j > i+1 && s[j-1] == ')' && strings.Count(s[i:j], ")") > strings.Count(s[i:j], "(") {
		j--
	}
	return j
}

// hostname says whether host has dotted labels and a known top level (any letters, with a scheme before it).
func hostname(host string, scheme bool) bool {
	if strings.IndexByte(host, '.') < 0 || len(host) > 253 {
		return false // most words end here
	}
	labels := strings.Split(host, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || strings.Contains(l, "_") && !scheme {
			return false
		}
	}
	top := labels[len(labels)-1]
	if isDigit(top[0]) || strings.ContainsAny(top, "-_") && !strings.HasPrefix(top, "xn--") {
		return false
	}
	return topLevel[top] || scheme && len(top) >= 2
}

// plausible guards addresses without a scheme against words that ran together.
func (f *finder) plausible(host string, start, end int) bool {
	k := strings.LastIndexByte(host, '.')
	name, top := host[:k], host[k+1:]
	if strings.HasPrefix(host, "www.") || strings.HasPrefix(f.s[end:], "/") {
		return true
	}
	if wordlike[top] && !strings.ContainsAny(name, "0123456789-.") {
		return false
	}
	if (top == "am" || top == "pm") && len(name) <= 2 && isDigit(name[0]) && f.runeBefore(start) == ' ' {
		return false // "7.am"
	}
	if len(name) < 2 && !isDigit(name[0]) {
		return false
	}
	a, b := f.t.Origin(start+k+1, end)
	first := f.t.Original[a:b]
	return first[0] < 'A' || first[0] > 'Z' || strings.ToUpper(first) == first // "end.It was" has a capital after the stop
}

// fourth says whether s is an IPv4 address in dotted decimal; leading zeros are let pass.
func fourth(s string) bool {
	if strings.Count(s, ".") != 3 {
		return false
	}
	for p := range strings.SplitSeq(s, ".") {
		if p == "" || len(p) > 3 {
			return false
		}
		n := 0
		for i := range len(p) {
			if !isDigit(p[i]) {
				return false
			}
			n = n*10 + int(p[i]-'0')
		}
		if n > 255 {
			return false
		}
	}
	return true
}

func hexByte(b byte) bool { return isDigit(b) || b >= 'a' && b <= 'f' || b == ':' || b == '.' }

// colons tries an IPv6 address that begins at start with hexadecimal digits.
func (f *finder) colons(start, end int) int {
	if end >= len(f.s) || f.s[end] != ':' || end-start > 4 {
		return 0
	}
	return f.sixth(start)
}

// sixth reads an IPv6 address at i and gives the place after it, or after the colons where there is none.
func (f *finder) sixth(i int) int {
	s := f.s
	end := i
	for end < len(s) && hexByte(s[end]) && end-i < 46 {
		end++
	}
	text := strings.TrimRight(s[i:end], ".")
	if strings.HasSuffix(text, ":") && !strings.HasSuffix(text, "::") {
		text = text[:len(text)-1]
	}
	addr, err := netip.ParseAddr(text) // an error only says that it is none
	if err == nil && addr.Is6() && f.bounded(i, i+len(text)) && (len(text) > 2 || says(f.before(i, 40), []string{"ip", "v6"})) {
		f.add("ip", i, i+len(text), 82)
	}
	return max(end, i+1)
}

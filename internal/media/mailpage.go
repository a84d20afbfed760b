package media

import (
	"net/url"
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// withoutMarkup is what a page of the web says: its words, without a thing that it draws, fetches or runs.
func withoutMarkup(page string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	z.SetMaxBuf(textRead)
	silent := atom.Atom(0)
	link, linkAt := "", 0
	unlink := func() {
		if to := ledTo(link, out.String()[linkAt:]); to != "" {
			out.WriteString(to + " ")
		}
		link, linkAt = "", out.Len()
	}
	for {
		switch z.Next() {
		case html.ErrorToken:
			unlink()
			return tidy(out.String())
		case html.TextToken:
			if silent == 0 {
				out.WriteString(strings.Join(strings.Fields(" "+string(z.Text())+" "), " ") + " ")
			}
		case html.StartTagToken:
			name, more := z.TagName()
			switch a := atom.Lookup(name); a {
			case atom.Script, atom.Style, atom.Title, atom.Noscript, atom.Template:
				if silent == 0 {
					silent = a
				}
			case atom.A:
				unlink()
				for more && silent == 0 {
					var key, value []byte
					if key, value, more = z.TagAttr(); string(key) == "href" {
						link = string(value)
					}
				}
			case atom.P, atom.Div, atom.Br, atom.Tr, atom.Li, atom.H1, atom.H2, atom.H3, atom.Blockquote, atom.Table:
				out.WriteByte('\n')
			}
		case html.SelfClosingTagToken:
			if name, _ := z.TagName(); atom.Lookup(name) == atom.Br {
				out.WriteByte('\n')
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); silent != 0 && atom.Lookup(name) == silent {
				silent = 0
			} else if atom.Lookup(name) == atom.A {
				unlink()
			}
		}
	}
}

// linkChars is how much of a link's path is shown.
const linkChars = 100

// ledTo is where a link led, as it is written behind its words: "" where these name the same machine. What follows the path is left out: it
// often tells whom the mail was sent to.
func ledTo(link, words string) string {
	u, err := url.Parse(strings.TrimSpace(link))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	for _, word := range strings.FieldsFunc(strings.ToLower(words), func(r rune) bool { return r != '.' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if strings.Trim(word, ".-") == host {
			return ""
		}
	}
	to := u.Scheme + "://" + u.Host
	path := []rune(u.EscapedPath())
	if len(path) > linkChars {
		return "⟨" + to + string(path[:linkChars]) + "…⟩"
	}
	if to += string(path); u.RawQuery != "" || u.Fragment != "" {
		to += "…"
	}
	return "⟨" + to + "⟩"
}

// tidy is a text without spaces at its lines' ends and without more than one empty line.
func tidy(text string) string {
	var out []string
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" && (len(out) == 0 || out[len(out)-1] == "") {
			continue
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

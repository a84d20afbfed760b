package portal

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/web"
)

const (
	maxFieldBytes = 512 << 10 // of one typed field: more than any limit on characters, so that too long a text comes back whole
	maxDraftBytes = 1 << 20   // of a sealed draft, report or message, which holds all the fields: a third more than they have
	maxFormBytes  = 2 << 20   // of all fields together; escaped, in a form without files, up to maxEscaped
	maxEscaped    = 2 * maxFormBytes
	maxHeadBytes  = 64 << 10 // of what stands before and between a form's parts; the reader itself would keep 10 MiB
	maxFields     = 100
	// maxUpload is how much of a form with files is read at all: a file that is too large is read to its end and
	// forgotten, because a browser that is still sending shows no answer.
	maxUpload = 4 << 30
)

// posted is what a form sent: its fields, repaired where they held what can't be shown, and its files, already sealed.
type posted struct {
	fields   map[string]string
	files    []intake.StagedFile
	problems heed.Problems // of single fields and files; the rest of the form is good
	cut      []string      // the typed fields of a broken form of which the end may be missing
	cutFile  string        // the name of the file within which the form broke; "" for none
}

// get is a field's value, "" where it wasn't sent.
func (p *posted) get(name string) string { return p.fields[name] }

// cutFault says of a typed field that its end may be missing; nothing where it came whole.
func (p *posted) cutFault(name string) heed.Problems {
	if slices.Contains(p.cut, name) {
		return heed.Problems{{Field: typedFields[name], Code: "field-cut"}}
	}
	return nil
}

// text is what was typed in a field, with the line ends that people see.
func (p *posted) text(name string) string {
	return strings.ReplaceAll(p.fields[name], "\r\n", "\n")
}

// formReader reads one form. limit is how many files it may bring.
type formReader struct {
	intake Intake
	limit  int
	total  int64 // bytes of files that may still come
	// keeps has the files of a broken form that came whole stay with it, for who gets the page back; else they are discarded.
	keeps bool
	// names are the fields in which people type; others that hold broken characters are simply not what we sent.
	names map[string]string // form field → field of the API
}

// read takes a form apart. It returns heed.Problems (content-type, form-broken, form-fields, body-too-large) where the
// form as a whole can't be used; its fields are those that could be read then, to be given back to who typed them, and of its files those that
// came whole stay where f.keeps and its sender is still there (form-part, file-broken-off), else none.
func (f *formReader) read(w http.ResponseWriter, r *http.Request) (*posted, error) {
	p := &posted{fields: map[string]string{}}
	lost := false // the line to its sender
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = "" // as unusable as a wrong one
	}
	switch kind {
	case "application/x-www-form-urlencoded":
		err = f.urlencoded(w, r, p)
	case "multipart/form-data":
		r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
		body := &tail{r: r.Body, head: -1}
		err = f.multipart(r, body, multipart.NewReader(body, params["boundary"]), p)
		if err == nil && !bytes.Contains(body.last, []byte("--"+params["boundary"]+"--")) {
			err = &heed.Problem{Code: "form-broken"} // cut off between two parts, which looks like an end
		}
		lost = body.lost
	default:
		err = &heed.Problem{Code: "content-type"}
	}
	if err != nil {
		err = formProblem(err)
		keeps := f.keeps && !lost && len(web.Faults(err)) > 0
		err = p.whatBroke(err, keeps)
		if len(web.Faults(err)) == 0 {
			p.fields = map[string]string{}
		}
		if len(p.fields) == 0 {
			web.HoldOf(r).Release() // reading to the end may take long
		}
		web.Drain(r, maxUpload)
		if keeps {
			return p, err
		}
		err = errors.Join(err, f.discard(r.Context(), p.files))
		p.files = nil
		return p, err
	}
	return p, nil
}

// whatBroke is what the sender of a broken form needs to hear: which of its files are to be chosen again, where those that came whole stay.
func (p *posted) whatBroke(err error, keeps bool) error {
	var problem *heed.Problem
	if !errors.As(err, &problem) {
		return err
	}
	ps := heed.Problems{problem}
	switch {
	case keeps && len(p.files) > 0:
		ps = append(heed.Problems{{Code: "form-part"}}, p.problems...)
	case problem.Code == "form-broken" && len(p.problems) > 0:
		ps = slices.Clone(p.problems) // of a file that was refused before the rest was cut off
	}
	if p.cutFile != "" && keeps {
		ps = append(ps, &heed.Problem{Field: "files", Code: "file-broken-off", Args: map[string]any{"Name": p.cutFile}})
	}
	return ps
}

// formProblem names a failure of reading; what is neither the sender's nor the network's fault stays as it is.
func formProblem(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &heed.Problem{Code: "body-too-large"}
	}
	return err
}

func (f *formReader) urlencoded(w http.ResponseWriter, r *http.Request, p *posted) error {
	body, err := io.ReadAll(web.HoldOf(r).Reader(http.MaxBytesReader(w, r.Body, maxEscaped)))
	if err != nil {
		return broken(err)
	}
	if strings.Count(string(body), "&") >= maxFields {
		return &heed.Problem{Code: "form-fields"}
	}
	values, err := url.ParseQuery(string(body)) // of a broken one it gives what could be read
	if err != nil {
		err = broken(err)
	}
	size := 0
	for _, name := range f.hiddenFirst(values) {
		v := values[name]
		if size += len(v[0]); len(v[0]) > sizeOf(name) || size > maxFormBytes {
			err = &heed.Problem{Code: "body-too-large"}
			f.keepPart(p, name, v[0])
			continue
		}
		f.keep(p, name, v[0])
	}
	return err
}

// hiddenFirst are the names of a form's fields, what was typed last: where all of it is too much, the draft with what earlier pages said
// mustn't be what is left out.
func (f *formReader) hiddenFirst(values url.Values) []string {
	return slices.SortedFunc(maps.Keys(values), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(f.names[a]), len(f.names[b])), cmp.Compare(a, b))
	})
}

// keepPart keeps what came of a typed field that isn't whole, or too long.
func (f *formReader) keepPart(p *posted, name, value string) {
	if _, typed := f.names[name]; typed && value != "" {
		p.cut = append(p.cut, name)
		f.keep(p, name, strings.ToValidUTF8(value[:min(len(value), maxFieldBytes)], ""))
	}
}

// sizeOf is how many bytes a field may have.
func sizeOf(name string) int {
	if name == "draft" || name == "mailbox" || name == "message" {
		return maxDraftBytes
	}
	return maxFieldBytes
}

func (f *formReader) multipart(r *http.Request, body *tail, parts *multipart.Reader, p *posted) error {
	size := 0
	for n := 0; ; n++ {
		body.head = maxHeadBytes
		part, err := parts.NextPart()
		body.head = -1
		if err == io.EOF { // wrapped, it is a form cut off within a part
			return nil
		}
		if err != nil {
			return broken(err)
		}
		if n >= maxFields+f.limit {
			return &heed.Problem{Code: "form-fields"}
		}
		name, isFile, err := fileName(part)
		switch {
		case err != nil:
			return err
		case isFile:
			err = f.file(r.Context(), name, part, p)
		default:
			err = f.field(part, web.HoldOf(r), p, &size)
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, part); err != nil { // what is left of a file that was refused
			return broken(err)
		}
	}
}

// tailSize is more than the multipart reader reads ahead (4 KiB), so that the last boundary is still in the tail.
const tailSize = 8 << 10

// tail remembers the last bytes that were read, and bounds what stands before a part.
type tail struct {
	r    io.Reader
	last []byte
	lost bool // its sender can't be answered
	head int  // bytes that may still be read; -1: no bound
}

func (t *tail) Read(p []byte) (int, error) {
	if t.head == 0 {
		return 0, &heed.Problem{Code: "form-broken"}
	}
	if t.head > 0 {
		p = p[:min(len(p), t.head)]
	}
	n, err := t.r.Read(p)
	t.lost = t.lost || err != nil && err != io.EOF && formProblem(err) == err
	t.head -= min(n, max(t.head, 0))
	if t.last = append(t.last, p[max(0, n-tailSize):n]...); len(t.last) > 2*tailSize {
		t.last = append(t.last[:0], t.last[len(t.last)-tailSize:]...)
	}
	return n, err
}

// fileName is the name of a part that is a file, as the sender gave it.
func fileName(part *multipart.Part) (name string, isFile bool, err error) {
	// Part.FileName would cut folders off; intake does that, for every channel alike.
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if err != nil {
		return "", false, broken(err)
	}
	name, isFile = params["filename"]
	return name, isFile, nil
}

func (f *formReader) field(part *multipart.Part, hold *web.Hold, p *posted, size *int) error {
	name := part.FormName()
	max := sizeOf(name)
	value, err := io.ReadAll(hold.Reader(io.LimitReader(part, int64(max)+1)))
	_, again := p.fields[name]
	if err != nil {
		err = broken(err)
	} else if *size += len(value); len(value) > max || *size > maxFormBytes {
		err = &heed.Problem{Code: "body-too-large"}
	}
	switch {
	case again:
	case err != nil:
		f.keepPart(p, name, string(value))
	default:
		f.keep(p, name, string(value))
	}
	return err
}

func (f *formReader) file(ctx context.Context, name string, part io.Reader, p *posted) error {
	if name == "" {
		return nil // a file field in which nothing was chosen
	}
	switch {
	case len(p.files) >= f.limit:
		p.fault(&heed.Problem{Field: "files", Code: "too-many-files", Args: map[string]any{"Limit": f.limit}})
		return nil
	case f.total <= 0:
		return nil // said already, by the file that was too much
	}
	staged, err := f.intake.Stage(ctx, name, part)
	var large *http.MaxBytesError
	var problem *heed.Problem
	switch {
	case errors.As(err, &problem) && problem.Code == "file-cut-off":
		p.cutFile, _ = problem.Args["Name"].(string)
		return broken(err) // or, where all of it is too much, that
	case errors.As(err, &large):
		return err
	case errors.As(err, &problem):
		p.fault(problem)
		return nil
	case err != nil:
		return fmt.Errorf("take a file: %w", err)
	}
	p.files = append(p.files, staged)
	f.total -= staged.Size
	return nil
}

// fault notes a problem once.
func (p *posted) fault(problem *heed.Problem) {
	for _, q := range p.problems {
		if q.Field == problem.Field && q.Code == problem.Code && q.Args["Name"] == problem.Args["Name"] {
			return
		}
	}
	p.problems = append(p.problems, problem)
}

// keep stores a field's value as text that can be shown again.
func (f *formReader) keep(p *posted, name, value string) {
	field, typed := f.names[name]
	code := ""
	if !utf8.ValidString(value) {
		value, code = strings.ToValidUTF8(value, ""), "not-utf8"
	}
	if strings.ContainsRune(value, 0) {
		value, code = strings.ReplaceAll(value, "\x00", ""), "nul-character"
	}
	if code != "" && typed {
		p.fault(&heed.Problem{Field: field, Code: code})
	}
	p.fields[name] = value
}

// broken is a form that came cut off or garbled. The cause names positions and lengths only, but the sender's bytes may
// stand in it, so it is not kept.
func broken(err error) error {
	if formProblem(err) != err || errors.Is(err, heed.ErrBusy) {
		return err
	}
	return &heed.Problem{Code: "form-broken"}
}

// discard forgets files that a refused form brought.
func (f *formReader) discard(ctx context.Context, files []intake.StagedFile) error {
	var errs []error
	for _, s := range files {
		// The request may have been cut off; its files must go all the same.
		errs = append(errs, f.intake.Discard(context.WithoutCancel(ctx), s))
	}
	return errors.Join(errs...)
}

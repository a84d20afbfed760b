package portal

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/web"
)

const (
	maxJSON      = 2 << 20 // a report with small files in base64; larger ones come as multipart
	maxJSONDepth = 32      // the API's own is 3
)

// strict lets only bodies through that are what they claim to be: JSON in UTF-8, of a size and depth that cost nothing
// to refuse. Decoders behind it repair bad UTF-8 silently and recurse thousands of levels deep.
func (p *portal) strict(json, multipart http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost {
			json.ServeHTTP(w, r)
			return
		}
		kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case err == nil && kind == "multipart/form-data":
			multipart.ServeHTTP(w, r)
			return
		case err != nil || kind != "application/json":
			web.Drain(r, maxUpload)
			p.refuse(w, r, &heed.Problem{Code: "content-type"})
			return
		}
		body, problem := readJSON(w, r)
		if problem != nil {
			p.refuse(w, r, problem)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		json.ServeHTTP(w, r)
	})
}

func readJSON(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(web.HoldOf(r).Reader(http.MaxBytesReader(w, r.Body, maxJSON)))
	var large *http.MaxBytesError
	if err != nil {
		body = nil
		web.HoldOf(r).Release() // reading to the end may take long
		web.Drain(r, maxUpload)
	}
	switch {
	case errors.As(err, &large):
		return nil, &heed.Problem{Code: "body-too-large"}
	case errors.Is(err, heed.ErrBusy):
		return nil, err
	case err != nil:
		return nil, &heed.Problem{Code: "json-broken"}
	case !utf8.Valid(body):
		return nil, &heed.Problem{Code: "not-utf8"}
	case depth(body) > maxJSONDepth:
		return nil, &heed.Problem{Code: "json-deep"}
	case len(bytes.TrimSpace(body)) == 0:
		return nil, &heed.Problem{Code: "json-broken"}
	}
	return body, nil
}

// depth is how deep brackets nest outside strings, in one pass without recursion.
func depth(body []byte) int {
	deepest, now, inString := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case inString && c == '\\':
			i++
		case c == '"':
			inString = !inString
		case inString:
		case c == '{' || c == '[':
			now++
			deepest = max(deepest, now)
		case c == '}' || c == ']':
			now--
		}
	}
	return deepest
}

// refuse answers with a problem document in the asker's language.
func (p *portal) refuse(w http.ResponseWriter, r *http.Request, err error) {
	web.WriteDocument(w, p.document(p.site.Voice(r, ""), err))
}

// document words an error for the API, and logs what is our own fault.
func (p *portal) document(v *web.Voice, err error) *web.Document {
	if d, shed := flood.IsDemand(err); shed {
		doc := web.NewDocument(v, http.StatusTooManyRequests, "work-or-wait")
		doc.Challenge = &web.Challenge{Ticket: d.Ticket, Work: d.Work, Wait: int(d.Wait / time.Second)}
		return doc
	}
	doc, known := web.Explain(v, err)
	if !known {
		p.Log.Error("portal: api", "error", err)
	}
	return doc
}

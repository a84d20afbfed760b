package portal_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	files "github.com/heed-line/heed/web"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/portal"
	"github.com/heed-line/heed/internal/profile"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
	"github.com/heed-line/heed/internal/web/webtest"
)

// shallow is intake without its store and key derivation, in which a fuzzer would spend all its time: the checks are the
// real ones, files are read to their end and forgotten.
type shallow struct{ *intake.Service }

func (shallow) Stage(_ context.Context, name string, r io.Reader) (intake.StagedFile, error) {
	n, err := io.Copy(io.Discard, r)
	if err != nil {
		return intake.StagedFile{}, fmt.Errorf("%w: %w", &heed.Problem{Field: "files", Code: "file-cut-off"}, err)
	}
	return intake.StagedFile{Blob: "b", Key: seal.NewKey(), Name: name, Size: n}, nil
}

func (shallow) BeginUpload(_ context.Context, name string, size int64) (intake.Upload, error) {
	return intake.Upload{ID: "u", Key: seal.NewKey(), Name: name, Size: size, Born: time.Now()}, nil
}

func (shallow) UploadOffset(context.Context, intake.Upload) (int64, error) { return 0, nil }

func (shallow) AppendUpload(_ context.Context, _ intake.Upload, _ int64, body io.Reader, sum intake.Checksum) (int64, error) {
	if sum.Hash == nil {
		return io.Copy(io.Discard, body)
	}
	return io.Copy(sum.Hash, body)
}

func (shallow) EndUpload(context.Context, intake.Upload) error { return nil }

func (shallow) Discard(context.Context, intake.StagedFile) error { return nil }

func (s shallow) Submit(_ context.Context, sub intake.Submission) (*intake.Acceptance, error) {
	if err := s.Check(sub); err != nil {
		return nil, err
	}
	return &intake.Acceptance{Receipt: seal.NewReceipt(), Report: heed.NewID(time.Now())}, nil
}

func (shallow) Open(_ context.Context, receipt string) (*intake.Mailbox, error) {
	if _, err := seal.ParseReceipt(receipt); err != nil {
		return nil, err
	}
	return nil, heed.ErrNotFound
}

// shallowPortal is a portal on shallow, with its log.
func shallowPortal(f *testing.F) (http.Handler, *lockedBuffer) {
	f.Helper()
	limits := intake.Limits{Text: 1000, Message: 1000, Messages: 8, Field: 100, Files: 5, FileBytes: 1 << 20, TotalBytes: 4 << 20}
	log := &lockedBuffer{}
	h, err := portal.New(portal.Config{
		Intake: shallow{intake.New(intake.Config{Limits: limits, Languages: languages, Now: time.Now})}, Profile: profile.Default(),
		DraftKey: seal.NewDraftKey(seal.NewKey()), Locales: webtest.Locales(f, languages...), Files: files.Files, Now: time.Now,
		IdentityAvailable: func(context.Context) bool { return true }, OwnDetails: own.Words, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		f.Fatal(err)
	}
	return h, log
}

// answerTo gives the portal's answer to one body, without a network in between.
func answerTo(h http.Handler, path, kind string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return record(h, r)
}

func record(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// FuzzReportForm wants a page, never a fault of ours, whatever comes as a form; and no report without the last page's
// sealed draft.
func FuzzReportForm(f *testing.F) {
	h, log := shallowPortal(f)
	fields := url.Values{"page": {"text"}, "text": {told}, "go": {"next"}, "draft": {""}}
	body, kind := multipartBody(f, fields, []upload{{"a.txt", []byte("a")}})
	f.Add("/report", kind, body.Bytes())
	f.Add("/report", kind, body.Bytes()[:body.Len()/2])
	f.Add("/status", kind, body.Bytes())
	f.Add("/report", "application/x-www-form-urlencoded", []byte(fields.Encode()))
	f.Add("/status", "application/x-www-form-urlencoded", []byte("page=lookup&receipt=123&go=next"))
	f.Add("/status", "application/x-www-form-urlencoded", []byte("page=reply&mailbox=AAAA&text=x&go=withdraw&lang=ar"))
	f.Add("/report", "multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"files\"; filename*=UTF-8''%ff\r\n\r\na\r\n--x--"))
	f.Fuzz(func(t *testing.T, path, kind string, body []byte) {
		if path != "/report" && path != "/status" {
			path = "/report"
		}
		w := answerTo(h, path, kind, body)
		if w.Code >= 500 || w.Code < 200 {
			t.Fatalf("status %d: %s", w.Code, log.String())
		}
		if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
			t.Fatalf("answered with %s", got)
		}
		if strings.Contains(w.Body.String(), "ZgotmplZ") {
			t.Fatal("a value had to be cut out of the page")
		}
	})
}

// FuzzReportJSON wants 201 or a problem document, never a fault of ours, whatever comes as JSON.
func FuzzReportJSON(f *testing.F) {
	h, log := shallowPortal(f)
	for _, body := range []string{
		`{"text":"Gas smell."}`, `{"text":"Gas smell.","identity":{"name":"Rosa"},"files":[{"name":"a.txt","data":"YQ=="}]}`,
		`{"text":"\ud800"}`, `{"text":null}`, `[]`, `"x"`, `{"text":{"text":[[[[]]]]}}`, `{"text":"a","text":"Gas smell."}`, `{"text":1e999}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		w := answerTo(h, "/api/v1/reports", "application/json", body)
		switch {
		case w.Code == http.StatusCreated:
		case w.Code >= 500 || w.Code < 400:
			t.Fatalf("status %d: %s", w.Code, log.String())
		case w.Header().Get("Content-Type") != "application/problem+json":
			t.Fatalf("answered with %s", w.Header().Get("Content-Type"))
		}
	})
}

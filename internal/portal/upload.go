package portal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/flood"
	"github.com/heed-line/heed/internal/intake"
	"github.com/heed-line/heed/internal/web"
)

// Resumable uploads by tus 1.0.0 (https://tus.io/protocols/resumable-upload): the core protocol with the extensions
// creation, creation-with-upload, expiration, checksum and termination. docs/adr/0006 says why by a handler of our own.
const (
	uploadsPath   = "/api/v1/uploads"
	tusVersion    = "1.0.0"
	tusExtensions = "creation,creation-with-upload,expiration,checksum,termination"
	offsetStream  = "application/offset+octet-stream"

	uploadKind = "portal upload"

	// statusChecksum is the protocol's own: section Checksum.
	statusChecksum = 460
	// maxUnread is how much of a refused sending is read all the same, so that its sender sees why. One that sends more at
	// a time asks where to go on instead.
	maxUnread = 16 << 20
)

// withUploads serves uploads beside the rest of the API.
func (p *portal) withUploads(rest http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(uploadsPath, p.uploads)
	mux.HandleFunc(uploadsPath+"/{token}", p.uploads)
	mux.Handle("/", rest)
	return mux
}

// uploads answers every request of the protocol.
func (p *portal) uploads(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if other := r.Header.Get("X-HTTP-Method-Override"); other != "" { // of clients that can send no PATCH or DELETE
		method = other
	}
	w.Header().Set("Tus-Resumable", tusVersion)
	token := r.PathValue("token")
	if method == http.MethodOptions {
		p.uploadOptions(w)
		return
	}
	if r.Header.Get("Tus-Resumable") != tusVersion {
		w.Header().Set("Tus-Version", tusVersion)
		p.refuseUpload(w, r, &heed.Problem{Code: "upload-version"})
		return
	}
	var err error
	switch {
	case token == "" && method == http.MethodPost:
		err = p.createUpload(w, r)
	case token != "" && method == http.MethodHead:
		err = p.uploadState(w, r, token)
	case token != "" && method == http.MethodPatch:
		err = p.continueUpload(w, r, token)
	case token != "" && method == http.MethodDelete:
		err = p.endUpload(w, r, token)
	default:
		w.Header().Set("Allow", allowed(token))
		err = &heed.Problem{Code: "method"}
	}
	if err != nil {
		p.refuseUpload(w, r, err)
	}
}

// allowed are the methods of an upload, or of the place where they begin.
func allowed(token string) string {
	if token == "" {
		return "OPTIONS, POST"
	}
	return "DELETE, HEAD, OPTIONS, PATCH"
}

// uploadOptions says what this server can do. It gives no other site leave to use it.
func (p *portal) uploadOptions(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Tus-Version", tusVersion)
	h.Set("Tus-Extension", tusExtensions)
	h.Set("Tus-Max-Size", strconv.FormatInt(p.Profile.Limits.FileBytes, 10))
	h.Set("Tus-Checksum-Algorithm", strings.Join(checksumNames(), ","))
	w.WriteHeader(http.StatusNoContent)
}

// createUpload begins an upload, with its first bytes where some came along.
func (p *portal) createUpload(w http.ResponseWriter, r *http.Request) error {
	size, err := uploadLength(r.Header)
	if err != nil {
		return err
	}
	name, err := uploadName(r.Header)
	if err != nil {
		return err
	}
	sum, err := uploadChecksum(r.Header)
	if err != nil {
		return err
	}
	brings := r.Header.Get("Content-Type") == offsetStream
	switch {
	case !brings && r.ContentLength != 0:
		return &heed.Problem{Code: "upload-type"}
	case brings && r.ContentLength > size:
		return &heed.Problem{Code: "body-too-large"}
	}
	if err := p.enter(r, flood.Upload, r.Header.Get(passHeader)); err != nil {
		return err
	}
	u, err := p.Intake.BeginUpload(r.Context(), name, size)
	if err != nil {
		return err
	}
	token, err := p.sealUpload(u)
	if err != nil {
		return err
	}
	offset := int64(0)
	if brings {
		// One that begins badly ends here: its sender would never hear its address.
		if offset, err = p.Intake.AppendUpload(r.Context(), u, 0, r.Body, sum); err != nil {
			return errors.Join(err, p.forget(r, u))
		}
		w.Header().Set("Upload-Offset", strconv.FormatInt(offset, 10))
	}
	w.Header().Set("Location", uploadsPath+"/"+token)
	expires(w, u, offset)
	w.WriteHeader(http.StatusCreated)
	return nil
}

// forget ends an upload that may have ended already.
func (p *portal) forget(r *http.Request, u intake.Upload) error {
	if err := p.Intake.EndUpload(r.Context(), u); !errors.Is(err, heed.ErrNotFound) {
		return err
	}
	return nil
}

// uploadState says how far an upload is; never what it is called, which only its sender needs to know.
func (p *portal) uploadState(w http.ResponseWriter, r *http.Request, token string) error {
	u, err := p.openUpload(token)
	if err != nil {
		return err
	}
	offset, err := p.Intake.UploadOffset(r.Context(), u)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(offset, 10))
	w.Header().Set("Upload-Length", strconv.FormatInt(u.Size, 10))
	expires(w, u, offset)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// continueUpload takes what comes next of an upload.
func (p *portal) continueUpload(w http.ResponseWriter, r *http.Request, token string) error {
	if r.Header.Get("Content-Type") != offsetStream {
		return &heed.Problem{Code: "upload-type"}
	}
	from, err := uploadNumber(r.Header, "Upload-Offset")
	if err != nil {
		return err
	}
	sum, err := uploadChecksum(r.Header)
	if err != nil {
		return err
	}
	u, err := p.openUpload(token)
	if err != nil {
		return err
	}
	if from <= u.Size && r.ContentLength > u.Size-from {
		return &heed.Problem{Code: "body-too-large"}
	}
	offset, err := p.Intake.AppendUpload(r.Context(), u, from, r.Body, sum)
	if err != nil {
		return err
	}
	w.Header().Set("Upload-Offset", strconv.FormatInt(offset, 10))
	expires(w, u, offset)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// endUpload forgets an upload and deletes what came of it.
func (p *portal) endUpload(w http.ResponseWriter, r *http.Request, token string) error {
	u, err := p.openUpload(token)
	if err != nil {
		return err
	}
	if err := p.Intake.EndUpload(r.Context(), u); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// expires says until when an upload can go on.
func expires(w http.ResponseWriter, u intake.Upload, offset int64) {
	until := u.Ends()
	if offset == 0 {
		until = u.EmptyEnds()
	}
	w.Header().Set("Upload-Expires", until.UTC().Format(http.TimeFormat))
}

// sealUpload makes the token by which its sender, and nobody else, goes on with an upload, at whichever node.
func (p *portal) sealUpload(u intake.Upload) (string, error) {
	now := p.Now()
	token, err := p.DraftKey.Seal(uploadKind, u, now, u.Ends().Sub(now))
	if err != nil {
		return "", fmt.Errorf("seal an upload's token: %w", err)
	}
	return token, nil
}

// openUpload opens what sealUpload sealed. heed.ErrNotFound: it is none of this line's; heed.ErrGone: its life is over.
func (p *portal) openUpload(token string) (intake.Upload, error) {
	var u intake.Upload
	err := p.DraftKey.Open(uploadKind, token, p.Now(), &u)
	switch {
	case errors.Is(err, heed.ErrSealed):
		return u, fmt.Errorf("open an upload's token: %w", heed.ErrNotFound)
	case err != nil:
		return u, fmt.Errorf("open an upload's token: %w", err)
	}
	return u, nil
}

// openUploads opens the addresses, or tokens, of uploads that a report or a message takes.
func (p *portal) openUploads(addresses []string) ([]intake.Upload, error) {
	if limit := p.Profile.Limits.Files; len(addresses) > limit {
		return nil, &heed.Problem{Field: "uploads", Code: "too-many-files", Args: map[string]any{"Limit": limit}}
	}
	var uploads []intake.Upload
	for _, a := range addresses {
		u, err := p.openUpload(a[strings.LastIndexByte(a, '/')+1:])
		if err != nil {
			return nil, &heed.Problem{Field: "uploads", Code: "file-gone"}
		}
		uploads = append(uploads, u)
	}
	return uploads, nil
}

// uploadPace is how fast a slow disk reads and writes what a report takes.
const uploadPace = 8 << 20

// awaitUploads gives the answer the time that taking these uploads may need.
func awaitUploads(ctx context.Context, uploads []intake.Upload) {
	var total int64
	for _, u := range uploads {
		total += u.Size
	}
	if total > 0 {
		web.ExtendAnswer(ctx, time.Duration(total/uploadPace)*time.Second)
	}
}

// refuseUpload answers with a problem document, by the protocol's statuses.
func (p *portal) refuseUpload(w http.ResponseWriter, r *http.Request, err error) {
	web.Drain(r, maxUnread)
	voice := p.site.Voice(r, "")
	doc := p.document(voice, err)
	faults := web.Faults(err)
	switch {
	case len(faults) > 0:
		if status, ok := uploadStatus(faults[0].Code); ok {
			doc.Status, doc.Title = status, statusTitle(status)
		}
	case errors.Is(err, heed.ErrConflict):
		doc = web.NewDocument(voice, http.StatusConflict, "upload-offset")
	case errors.Is(err, heed.ErrNotFound):
		doc = web.NewDocument(voice, http.StatusNotFound, "file-gone")
	case errors.Is(err, heed.ErrGone):
		doc = web.NewDocument(voice, http.StatusGone, "file-gone")
	}
	web.WriteDocument(w, doc)
}

// uploadStatus is the status that the protocol gives a fault.
func uploadStatus(code string) (int, bool) {
	switch code {
	case "method":
		return http.StatusMethodNotAllowed, true
	case "upload-version":
		return http.StatusPreconditionFailed, true
	case "upload-type":
		return http.StatusUnsupportedMediaType, true
	case "upload-header":
		return http.StatusBadRequest, true
	case "upload-checksum":
		return statusChecksum, true
	}
	return 0, false
}

func statusTitle(status int) string {
	if status == statusChecksum {
		return "Checksum Mismatch"
	}
	return http.StatusText(status)
}

package desk

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"github.com/heed-line/heed"
)

// fileCopy sends a safe copy to be played: a player may ask for parts of it.
func (d *Desk) fileCopy(w http.ResponseWriter, r *http.Request, me *heed.Staff) error {
	id, err := recordID(r.PathValue("id"))
	if err != nil {
		return err
	}
	file, err := recordID(r.PathValue("file"))
	if err != nil {
		return err
	}
	c, content, err := d.Review.OpenCopy(r.Context(), me, id, file)
	if err != nil {
		return err
	}
	d.sendCopy(w, r, c, c.Type, content)
	return nil
}

// sendCopy sends a copy, or a part of one, and closes it.
func (d *Desk) sendCopy(w http.ResponseWriter, r *http.Request, c *heed.SafeCopy, kind string, content io.ReadSeekCloser) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Security-Policy", "sandbox; default-src 'none'")
	http.ServeContent(&slowAnswer{w, slowWriter{w, http.NewResponseController(w)}}, r, "", c.MadeAt, content)
	if err := content.Close(); err != nil {
		d.Log.Error("desk: closing a copy", "error", err)
	}
}

// slowAnswer is an answer that is written by a slowWriter.
type slowAnswer struct {
	http.ResponseWriter
	slow slowWriter
}

func (s *slowAnswer) Write(p []byte) (int, error) { return s.slow.Write(p) }

// download sends bytes that no browser will open by itself: as an attachment of no kind, in a sandbox of its own. The
// name is encoded by RFC 6266, so that a hostile one can't add a header.
//
// Once it has begun, a failure can only cut the connection: half a file must not look like a whole one.
func download(w http.ResponseWriter, content io.ReadCloser, name string) error {
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	disposition := mime.FormatMediaType("attachment", map[string]string{"filename": name})
	if disposition == "" {
		disposition = "attachment"
	}
	h.Set("Content-Disposition", disposition)
	_, err := io.Copy(&slowWriter{w: w, control: http.NewResponseController(w)}, content)
	if closed := content.Close(); err == nil {
		err = closed
	}
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// downloadPause is how long a client may take for one piece of a download: a large file over a thin line takes long, a
// client that stopped reading is let go.
const downloadPause = time.Minute

// slowWriter moves the connection's deadline on with every piece that was taken.
type slowWriter struct {
	w       io.Writer
	control *http.ResponseController
}

func (s *slowWriter) Write(p []byte) (int, error) {
	if err := s.control.SetWriteDeadline(time.Now().Add(downloadPause)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return s.w.Write(p)
}

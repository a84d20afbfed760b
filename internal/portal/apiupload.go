package portal

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// describeUploads adds the protocol of uploads to the API's description. Its requests are made of headers and bare bytes, so
// that the library has no part in them.
func (p *portal) describeUploads(api huma.API) {
	const text, number = huma.TypeString, huma.TypeInteger
	version := header("Tus-Resumable", text, "1.0.0", true)
	checksum := header("Upload-Checksum", text, "sha256 or sha1, a blank, and the sum of this request's body in base64.", false)
	offset := header("Upload-Offset", number, "Bytes that came before.", true)
	token := &huma.Param{Name: "token", In: "path", Required: true, Schema: &huma.Schema{Type: text}}
	body := &huma.RequestBody{Content: map[string]*huma.MediaType{offsetStream: {Schema: &huma.Schema{Type: text, Format: "binary"}}}}
	one, all := uploadsPath+"/{token}", uploadsPath
	for _, o := range []struct {
		op     huma.Operation
		params []*huma.Param
		body   *huma.RequestBody
		gives  []string
		errors []int
	}{
		{operation("describe-uploads", http.MethodOptions, all, "See what uploads can do", http.StatusNoContent), nil, nil,
			[]string{"Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm"}, nil},
		{operation("begin-upload", http.MethodPost, all, "Begin a resumable upload (tus 1.0.0)", http.StatusCreated),
			[]*huma.Param{version, checksum, header("Upload-Length", number, "Bytes of the whole file.", true), header("Upload-Metadata", text, "filename, a blank, and the name in base64.", false)},
			body, []string{"Location", "Upload-Offset", "Upload-Expires"}, []int{400, 412, 413, 415, 422, statusChecksum, 507}},
		{operation("read-upload", http.MethodHead, one, "See how far an upload is", http.StatusNoContent),
			[]*huma.Param{token, version}, nil, []string{"Upload-Offset", "Upload-Length", "Upload-Expires"}, []int{404, 410, 412}},
		{operation("continue-upload", http.MethodPatch, one, "Send what comes next", http.StatusNoContent),
			[]*huma.Param{token, version, offset, checksum}, body, []string{"Upload-Offset", "Upload-Expires"}, []int{400, 404, 409, 410, 412, 413, 415, statusChecksum, 507}},
		{operation("end-upload", http.MethodDelete, one, "Take an upload back", http.StatusNoContent),
			[]*huma.Param{token, version}, nil, nil, []int{404, 410, 412}},
	} {
		o.op.Parameters, o.op.RequestBody = o.params, o.body
		p.describeErrors(api, &o.op, o.errors...)
		done := &huma.Response{Description: http.StatusText(o.op.DefaultStatus), Headers: map[string]*huma.Param{}}
		for _, name := range o.gives {
			done.Headers[name] = &huma.Param{Schema: &huma.Schema{Type: text}}
		}
		o.op.Responses[statusName(o.op.DefaultStatus)] = done
		if doc := o.op.Responses[statusName(statusChecksum)]; doc != nil {
			doc.Description = statusTitle(statusChecksum)
		}
		api.OpenAPI().AddOperation(&o.op)
	}
}

// header describes a request's header.
func header(name, kind, doc string, required bool) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: doc, Required: required, Schema: &huma.Schema{Type: kind}}
}

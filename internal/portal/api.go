package portal

import (
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/web"
)

// apiVersion is the version of the public API's description, not of the program.
const apiVersion = "1.1.0"

// apiMethods are the addresses of the public API with what each takes.
var apiMethods = map[string]string{
	"/api/v1/reports": http.MethodPost, "/api/v1/status": http.MethodGet,
	"/api/v1/messages": http.MethodPost, "/api/v1/transparency": http.MethodGet,
}

// api is the public API under /api/v1. Its types and its OpenAPI document come from the same declarations.
func (p *portal) api() http.Handler {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Heed: public API of a reporting line", apiVersion)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "/api/v1/openapi", "", ""
	config.CreateHooks = nil // no "$schema" in answers
	config.Transformers = []huma.Transformer{p.translate}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"receipt": {Type: "apiKey", In: "header", Name: "Authorization", Description: "Receipt 01234567890123456789"},
	}
	// Errors are problem documents of our own making: said once here instead of at each operation.
	config.Info.Description = "Errors are RFC 9457 problem documents with a stable `code`, a `detail` in the language of " +
		"Accept-Language, and `errors` by field. Nothing about the sender's connection is stored.\n\n" + floodDescription
	api := humago.New(mux, config)
	p.describeReports(api)
	p.describeStatus(api)
	describeMultipart(api)
	p.describeUploads(api)
	for path := range apiMethods {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", apiMethods[path])
			web.WriteDocument(w, web.NewDocument(p.site.Voice(r, ""), http.StatusMethodNotAllowed, "method"))
		})
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.refuse(w, r, heed.ErrNotFound) })
	forms := http.NewServeMux()
	forms.HandleFunc("POST /api/v1/reports", p.reportsMultipart)
	forms.HandleFunc("POST /api/v1/messages", p.messagesMultipart)
	forms.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { p.refuse(w, r, heed.ErrNotFound) })
	return p.shedding(p.withUploads(p.strict(mux, forms)))
}

// translate turns the library's error documents into ours: with a code, in the asker's language, and without the values
// that it would send back.
func (p *portal) translate(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	voice := p.voice(ctx.Header("Accept-Language"))
	doc := web.NewDocument(voice, model.Status, codeOf(model.Status))
	for _, e := range model.Errors {
		code := faultCode(e.Message)
		doc.Errors = append(doc.Errors, web.DocumentError{
			Field: strings.TrimPrefix(strings.TrimPrefix(e.Location, "body"), "."), Code: code, Detail: voice.Problem(&heed.Problem{Code: code}),
		})
	}
	if len(doc.Errors) > 0 {
		doc.Code, doc.Detail = doc.Errors[0].Code, doc.Errors[0].Detail
	}
	return doc, nil
}

// codeOf is the code of an error that the library found by itself.
func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "json-broken"
	case http.StatusNotFound:
		return "not-found"
	case http.StatusRequestEntityTooLarge:
		return "body-too-large"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		return "content-type"
	case http.StatusInternalServerError:
		return "internal"
	}
	return "invalid"
}

// faultCode is the code of one of the library's messages about a field.
func faultCode(message string) string {
	switch {
	case strings.HasPrefix(message, "unexpected property"):
		return "field-unknown"
	case strings.HasPrefix(message, "expected required"):
		return "field-missing"
	case strings.HasPrefix(message, "expected"):
		return "field-kind"
	case strings.Contains(message, "invalid character"), strings.Contains(message, "JSON"):
		return "json-broken"
	}
	return "invalid"
}

// voice is the voice for an Accept-Language header.
func (p *portal) voice(accept string) *web.Voice {
	return p.Locales.Voice(p.Locales.Match(accept), p.Now(), p.Profile.Zone())
}

// fails words an error for an operation's answer.
func (p *portal) fails(accept string, err error) error {
	doc := p.document(p.voice(accept), err)
	if doc.Status == http.StatusServiceUnavailable {
		return huma.ErrorWithHeaders(doc, http.Header{"Retry-After": {"5"}})
	}
	return doc
}

// describeMultipart adds to the description that reports and messages may also come as forms with files.
func describeMultipart(api huma.API) {
	file := &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Type: huma.TypeString, Format: "binary"}}
	text := &huma.Schema{Type: huma.TypeString}
	report := map[string]*huma.Schema{"files": file}
	for _, name := range reportFields {
		report[name] = text
	}
	for path, properties := range map[string]map[string]*huma.Schema{
		"/api/v1/reports": report, "/api/v1/messages": {"text": text, "uploads": text, "files": file},
	} {
		api.OpenAPI().Paths[path].Post.RequestBody.Content["multipart/form-data"] = &huma.MediaType{
			Schema: &huma.Schema{Type: huma.TypeObject, Properties: properties, AdditionalProperties: false},
		}
	}
}

// operation declares one operation. Our own checks come before the library's limits.
func operation(id, method, path, summary string, status int, errors ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status, Errors: errors,
		MaxBodyBytes: -1, BodyReadTimeout: -1,
	}
}

// problemSchema is the schema of a problem document.
func problemSchema(api huma.API) *huma.Schema {
	return api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[web.Document](), true, "Problem")
}

// moment is a time as the API writes it: RFC 3339 in UTC, to the second.
func moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }

package desk

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/auth"
	"github.com/heed-line/heed/internal/web"
)

// apiVersion is the version of the staff API's description, not of the program.
const apiVersion = "1.0.0"

// apiMethods are the addresses of the staff API with what each takes.
var apiMethods = map[string]string{
	"/api/v1/reports": http.MethodGet, "/api/v1/reports/{id}": http.MethodGet,
	"/api/v1/reports/{id}/claim": http.MethodPost, "/api/v1/reports/{id}/disposition": http.MethodPost,
	"/api/v1/reports/{id}/erase":   http.MethodPost,
	"/api/v1/reports/{id}/approve": http.MethodPost, "/api/v1/reports/{id}/messages": http.MethodPost,
	"/api/v1/checkpoints": http.MethodGet, "/api/v1/departments": http.MethodGet, "/api/v1/events": http.MethodGet, "/api/v1/statistics": http.MethodGet,
}

// openAPI is where the API describes itself, to everybody: it says nothing about this line.
const openAPI = "/api/v1/openapi"

// staffKey is under what a request's context holds the staff member as whom its token acts.
type staffKey struct{}

func actor(ctx context.Context) *heed.Staff {
	me, _ := ctx.Value(staffKey{}).(*heed.Staff)
	return me
}

// serveAPI adds the staff API. Each operation calls the service method that the page of the same name calls.
func (d *Desk) serveAPI(all *http.ServeMux) {
	mux := http.NewServeMux()
	config := huma.DefaultConfig("Heed: staff API of a reporting line", apiVersion)
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = openAPI, "", ""
	config.CreateHooks = nil // no "$schema" in answers
	config.Transformers = []huma.Transformer{d.translate}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"staff": {Type: "http", Scheme: "bearer", Description: "A staff member's token: it acts as them, in every rule and in the audit."},
	}
	config.Security = []map[string][]string{{"staff": {}}}
	config.Info.Description = "What the desk's pages do, with the same rights. Errors are RFC 9457 problem documents with a stable `code`, " +
		"a `detail` in the language of Accept-Language, and `errors` by field. Every read of a report is an audit leaf."
	api := humago.New(mux, config)
	d.describeReports(api)
	d.describeActs(api)
	d.describeLine(api)
	d.describeAudit(api)
	for path, method := range apiMethods {
		mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Allow", method)
			web.WriteDocument(w, web.NewDocument(d.site.Voice(r, ""), http.StatusMethodNotAllowed, "method"))
		})
	}
	mux.HandleFunc("GET /api/v1/events", d.apiEvents)
	mux.HandleFunc("GET "+viewAddress("{id}", "{file}"), d.apiView)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		web.WriteDocument(w, web.NewDocument(d.site.Voice(r, ""), http.StatusNotFound, "not-found"))
	})
	all.Handle("/api/v1/", d.bearer(mux))
}

// bearer lets in who brings a token that acts as somebody. The description alone is for all.
func (d *Desk) bearer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		if strings.HasPrefix(r.URL.Path, openAPI) {
			next.ServeHTTP(w, r)
			return
		}
		me, err := d.Auth.Token(r.Context(), tokenOf(r))
		switch {
		case errors.Is(err, heed.ErrNotFound):
			w.Header().Set("WWW-Authenticate", `Bearer realm="heed"`)
			web.WriteDocument(w, web.NewDocument(d.site.Voice(r, ""), http.StatusUnauthorized, "signed-out"))
		case err != nil:
			doc, known := web.Explain(d.site.Voice(r, ""), err)
			if !known {
				d.Log.Error("desk: looking a token up", "error", err)
			}
			web.WriteDocument(w, doc)
		default:
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), staffKey{}, me)))
		}
	})
}

// tokenOf is the bearer token of RFC 6750 §2.1, or "".
func tokenOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// viewAddress is where a file's safe copy is.
func viewAddress(report, file heed.ID) string {
	return "/api/v1/reports/" + string(report) + "/attachments/" + string(file) + "/view"
}

func (d *Desk) apiView(w http.ResponseWriter, r *http.Request) {
	if err := d.fileCopy(w, r, actor(r.Context())); err != nil {
		doc, known := web.Explain(d.site.Voice(r, ""), err)
		if !known {
			d.Log.Error("desk: sending a copy", "error", err)
		}
		web.WriteDocument(w, doc)
	}
}

func (d *Desk) apiEvents(w http.ResponseWriter, r *http.Request) {
	token := tokenOf(r)
	err := d.stream(w, r, func(ctx context.Context) (*heed.Staff, error) { return d.Auth.Token(ctx, token) })
	if err != nil {
		doc, known := web.Explain(d.site.Voice(r, ""), err)
		if !known {
			d.Log.Error("desk: opening events", "error", err)
		}
		web.WriteDocument(w, doc)
	}
}

// asking is what every operation takes beside its own.
type asking struct {
	AcceptLanguage string `header:"Accept-Language" doc:"Language of error texts."`
}

func (d *Desk) voice(accept string) *web.Voice {
	return d.Locales.Voice(d.Locales.Match(accept), d.Now(), d.Profile.Zone())
}

// fails words an error for an operation's answer, and logs what is our fault.
func (d *Desk) fails(a asking, err error) error {
	doc, known := web.Explain(d.voice(a.AcceptLanguage), err)
	if !known {
		d.Log.Error("desk: an operation failed", "error", err)
	}
	if doc.Status == http.StatusServiceUnavailable {
		return huma.ErrorWithHeaders(doc, http.Header{"Retry-After": {"5"}})
	}
	return doc
}

// translate turns the library's error documents into ours: with a code, in the asker's language, and without the values
// that it would send back.
func (d *Desk) translate(ctx huma.Context, _ string, v any) (any, error) {
	model, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	voice := d.voice(ctx.Header("Accept-Language"))
	code := "invalid"
	switch model.Status {
	case http.StatusBadRequest:
		code = "json-broken"
	case http.StatusRequestEntityTooLarge:
		code = "body-too-large"
	case http.StatusUnsupportedMediaType, http.StatusNotAcceptable:
		code = "content-type"
	case http.StatusInternalServerError:
		code = "internal"
	}
	doc := web.NewDocument(voice, model.Status, code)
	for _, e := range model.Errors {
		field := strings.TrimPrefix(strings.TrimPrefix(e.Location, "body"), ".")
		doc.Errors = append(doc.Errors, web.DocumentError{Field: field, Code: "invalid", Detail: voice.Problem(&heed.Problem{Code: "invalid"})})
	}
	return doc, nil
}

// permission is under what an operation's description names the action about which the desk's policies are asked.
const permission = "x-permission"

// operation declares one operation with who may come to it, as a route does for a page. The service behind asks again
// about the very record.
func (d *Desk) operation(action auth.Action, id, method, path, summary string, status int, errors ...int) huma.Operation {
	return huma.Operation{
		OperationID: id, Method: method, Path: path, Summary: summary, DefaultStatus: status,
		Errors: append(errors, http.StatusUnauthorized, http.StatusForbidden), MaxBodyBytes: -1, BodyReadTimeout: -1,
		Middlewares: huma.Middlewares{d.permitted(action)}, Extensions: map[string]any{permission: action},
	}
}

// permitted lets to an operation only who may do the action at all.
func (d *Desk) permitted(action auth.Action) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		me := actor(ctx.Context())
		if err := mayCome(me, action); err != nil {
			r, w := humago.Unwrap(ctx)
			doc, _ := web.Explain(d.site.Voice(r, ""), err)
			web.WriteDocument(w, doc)
			return
		}
		next(ctx)
	}
}

// moment is a time as the API writes it: RFC 3339 in UTC, nil where there is none.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	u := t.UTC()
	return &u
}

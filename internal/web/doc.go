// Package web is the page machinery that the portal and the desk share: languages, templates, static files, security
// headers, error pages, problem documents and a server that slow or numerous clients can't bring down.
//
// It may import heed and the standard library's net/http, go-i18n and x/text; it knows neither pages nor services. It
// must never log or keep what a request carried: no address, no user agent, no field.
package web

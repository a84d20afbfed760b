// Package web holds what the pages are made of, embedded into the binary: templates, stylesheets, scripts, pictures and
// the locale files. It imports nothing.
//
//	templates/shared          pieces of portal and desk
//	templates/portal, desk    their pages (see internal/web.SiteConfig)
//	static                    served at /static/ under hashed names
//	locales                   flat TOML, one file a language and area: en.toml, desk.en.toml
package web

import "embed"

// Files is the whole folder.
//
//go:embed templates static locales
var Files embed.FS

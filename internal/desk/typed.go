package desk

import (
	"net/http"
	"strings"

	"github.com/heed-line/heed"
)

// typedForm is a form about a report that came and was not taken. Its words go back to who sent them, in the answer alone: a browser without
// scripts has lost them.
type typedForm struct {
	Action, Back string
	Reason       string
	Rest         []typedField // what was chosen beside the words
}

type typedField struct{ Name, Value string }

// chosen are the fields of a report's forms beside the words. Nothing else that is sent goes back into a page.
var chosen = [...]string{"kind", "department", "source", "certainty", "lead", "lead-id", "urgency", "go"}

// worded are the routes whose forms ask for words.
var worded = map[string]bool{
	"POST /reports/{id}/dispose": true, "POST /reports/{id}/ask": true, "POST /reports/{id}/approve": true, "POST /reports/{id}/urgency": true,
	"POST /reports/{id}/reopen": true, "POST /reports/{id}/erase": true,
}

// typedOf is the form about a report that the request sends, or nil where it is none, or without words.
func typedOf(r *http.Request) *typedForm {
	id, err := heed.ParseID(r.PathValue("id"))
	if err != nil || !worded[r.Pattern] || parse(r) != nil || strings.TrimSpace(r.PostForm.Get("reason")) == "" {
		return nil
	}
	out := &typedForm{
		Action: r.URL.RequestURI(), Back: placeOf(r, r.URL.Query().Get("list")).Report(id), Reason: r.PostForm.Get("reason"),
	}
	for _, name := range chosen {
		if value := r.PostForm.Get(name); value != "" {
			out.Rest = append(out.Rest, typedField{name, value})
		}
	}
	return out
}

package desk

import "github.com/heed-line/heed/internal/auth"

// PageActions is every route of a page with the action that it declares.
func PageActions() map[string]auth.Action {
	actions := map[string]auth.Action{}
	for _, r := range (&Desk{}).routes() {
		actions[r.pattern] = r.action
	}
	return actions
}

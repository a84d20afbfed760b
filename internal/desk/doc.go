// Package desk is the staff's side: the pages at which specialists, leads, liaisons and admins work, the staff API with
// its OpenAPI document, and the live events of both.
//
// It may import the services (review, referral, auth), web, profile and heed. It must never import portal, identity's
// secrets or a store, and decides nothing by itself: a page and an API operation that do the same thing call the same
// service method, which asks auth.Allow.
package desk

// Package review is what specialists and leads do with Reports: the queue, Claims, questions, Dispositions with the
// second person where one is needed, deadlines and their escalation, and the machine's screening that comes before.
//
// Every act is one transaction: the report's change, its audit leaf, the desk's event and the jobs it causes. Who may act
// is asked of auth; which act is open is the state table's; when a second person is needed stands in foureyes.go.
//
// It may import the root, seal, audit, profile, auth and screening. It holds the content key, so it runs at the desk and
// in the worker only. It must never see an Identity.
package review

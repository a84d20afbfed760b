package postgres

// Tables lets a test stop at an earlier schema.
var Tables = tables

// RightsListed are the tables and views whose rights are written.
func RightsListed() (names []string) {
	for _, r := range append(rights(), viewRights()...) {
		names = append(names, r.table)
	}
	return names
}

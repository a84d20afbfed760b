package postgres

// Tables lets a test stop at an earlier schema.
var Tables = tables

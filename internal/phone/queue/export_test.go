package queue

import "context"

// See says now that the process's calls live.
func See(ctx context.Context, q *Queue) error { return q.see(ctx) }

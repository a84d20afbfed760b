package clamd

import "time"

// Parse reads an answer.
var Parse = parse

// GivesAPiece changes how long a daemon may take to read a piece of a file.
func (c *Client) GivesAPiece(d time.Duration) { c.piecePatience = d }

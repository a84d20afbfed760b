package backup

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/heed-line/heed"
)

// chunkSize is about how long a chunk of rows gets before the next begins.
const chunkSize = 1 << 20

// tableHead is the first line of a chunk; the others are JSON arrays of one row's values. Bytes are {"b":"base64"}.
type tableHead struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// chunk gathers rows of one table.
type chunk struct {
	table   string
	columns []string
	text    bytes.Buffer
}

// begin starts a chunk for the row's table.
func (c *chunk) begin(row *heed.CopiedRow) error {
	c.table, c.columns = row.Table, slices.Clone(row.Columns)
	c.text.Reset()
	head, err := json.Marshal(tableHead{row.Table, row.Columns})
	if err != nil {
		return fmt.Errorf("encode the head of %s: %w", row.Table, err)
	}
	c.text.Write(append(head, '\n'))
	return nil
}

// takes reports whether the row may stand in this chunk.
func (c *chunk) takes(row *heed.CopiedRow) bool {
	return c.table == row.Table && c.text.Len() < chunkSize && slices.Equal(c.columns, row.Columns)
}

// add writes a row.
func (c *chunk) add(row *heed.CopiedRow) error {
	b := append(c.text.AvailableBuffer(), '[')
	for i, v := range row.Values {
		if i > 0 {
			b = append(b, ',')
		}
		switch v := v.(type) {
		case nil:
			b = append(b, "null"...)
		case int64:
			b = strconv.AppendInt(b, v, 10)
		case bool:
			b = strconv.AppendBool(b, v)
		case string:
			text, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("encode a value of %s: %w", row.Table, err)
			}
			b = append(b, text...)
		case []byte:
			b = append(b, `{"b":"`...)
			b = base64.StdEncoding.AppendEncode(b, v)
			b = append(b, `"}`...)
		default:
			return fmt.Errorf("a value of %s is a %T: %w", row.Table, v, heed.ErrInvalid)
		}
	}
	c.text.Write(append(b, "]\n"...))
	return nil
}

// readChunk gives the rows of one chunk. ErrInvalid: it is none.
func readChunk(part heed.Part, text []byte, give func(*heed.CopiedRow) error) error {
	lines := json.NewDecoder(bytes.NewReader(text))
	lines.UseNumber()
	var head tableHead
	if err := lines.Decode(&head); err != nil || head.Table == "" || len(head.Columns) == 0 {
		return fmt.Errorf("a chunk of rows without a head: %w", heed.ErrInvalid)
	}
	row := &heed.CopiedRow{Part: part, Table: head.Table, Columns: head.Columns}
	for lines.More() {
		var values []any
		if err := lines.Decode(&values); err != nil || len(values) != len(head.Columns) {
			return fmt.Errorf("a row of %s: %w", head.Table, heed.ErrInvalid)
		}
		for i, v := range values {
			value, err := rowValue(v)
			if err != nil {
				return fmt.Errorf("column %s of %s: %w", head.Columns[i], head.Table, err)
			}
			values[i] = value
		}
		row.Values = values
		if err := give(row); err != nil {
			return err
		}
	}
	return nil
}

// rowValue turns what JSON gave back into what a store takes.
func rowValue(v any) (any, error) {
	switch v := v.(type) {
	case nil, bool, string:
		return v, nil
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		if err != nil {
			return nil, fmt.Errorf("no whole number: %w", heed.ErrInvalid)
		}
		return n, nil
	case map[string]any:
		text, ok := v["b"].(string)
		b, err := base64.StdEncoding.Strict().DecodeString(text)
		if !ok || len(v) != 1 || err != nil {
			return nil, fmt.Errorf("no bytes: %w", heed.ErrInvalid)
		}
		return b, nil
	}
	return nil, fmt.Errorf("no value: %w", heed.ErrInvalid)
}

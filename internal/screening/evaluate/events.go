package evaluate

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
)

// Message is one public message during a crisis, with whether it is about it (CrisisLexT6: on topic; T26: related and
// informative).
type Message struct {
	Event string
	Text  string
	Yes   bool
}

// ReadMessages reads a gzipped file of CrisisLexT6 or CrisisLexT26 as the description of the evaluation data has them.
func ReadMessages(path string) ([]Message, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the messages: %w", err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, fmt.Errorf("unpack the messages: %w", err)
	}
	var out []Message
	lines := bufio.NewScanner(z)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var m struct {
			Event, Text     string
			OnTopic         bool `json:"on_topic"`
			Informativeness string
		}
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			return nil, fmt.Errorf("read a message: %w", err)
		}
		out = append(out, Message{m.Event, m.Text, m.OnTopic || m.Informativeness == "Related and informative"})
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the messages: %w", err)
	}
	return out, nil
}

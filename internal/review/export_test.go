package review

import "github.com/heed-line/heed"

// Remembers says whether the report's text is in this process's memory.
func (s *Service) Remembers(id heed.ID) bool {
	_, ok := s.memory.recall(id)
	return ok
}

// Keyed is what of the words in a file its report is found by.
func (s *Service) Keyed(t *heed.Transcript) string { return s.keyed(t) }

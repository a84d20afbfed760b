package review

import "github.com/heed-line/heed"

// Keyed is what of the words in a file its report is found by.
func (s *Service) Keyed(t *heed.Transcript) string { return s.keyed(t) }

package intake

// Of an upload, a piece's bytes, and its most.
const (
	PieceBytes    = pieceBytes
	MaxPieceBytes = maxPieceBytes
)

// Joining is how many reports of a party are in line to have their files put together.
func (s *Service) Joining(party uint64) int {
	s.joining.mu.Lock()
	defer s.joining.mu.Unlock()
	if p := s.joining.parties[party]; p != nil {
		return p.reports
	}
	return 0
}

// DisclosedOf is what a reporter is told of Disclosures.
var DisclosedOf = disclosed

// AcceptedTypes are the kinds of file that are taken; a trailing slash or point is a whole family.
var AcceptedTypes = acceptedTypes

package heed

import "context"

// Look is what a file is known again by: of a picture, of a film or of a sound what stays of it when it is encoded anew.
type Look struct {
	File   ID // an Attachment
	Report ID
	Sealed []byte // under the report's data key
}

// What of two files was found to be one.
const (
	SameExactly = "exact"   // all of it
	SamePicture = "picture" // what is seen in them
	SameSound   = "sound"   // what is heard in them
)

// Sighting says that a File shows, or lets hear, what an Earlier one does, of another Report.
type Sighting struct {
	File, Report           ID
	Earlier, EarlierReport ID
	Kind                   string
	Score                  float64 // 0..1, in thousandths: how much of what was compared agrees
}

// Other is the file, and its Report, that one of the Report's is seen in.
func (s *Sighting) Other(report ID) (mine, other, of ID) {
	if s.Report == report {
		return s.File, s.Earlier, s.EarlierReport
	}
	return s.Earlier, s.File, s.Report
}

// LookTx keeps Looks, the keyed marks by which they are found, and Sightings. They go with their report's Attachments.
type LookTx interface {
	PutLook(ctx context.Context, l *Look) error // in place of an earlier one
	Look(ctx context.Context, file ID) (*Look, error)
	Looks(ctx context.Context, report ID) ([]*Look, error)
	// LockLooks says which of the files have a Look, and lets nobody delete those until the transaction ends. Marks and Sightings are
	// stored only of files of which it said so: their deletion waits, and takes those too.
	LockLooks(ctx context.Context, files []ID) (standing map[ID]bool, err error)
	// DeleteLooks deletes those of a Report, with their marks and Sightings.
	DeleteLooks(ctx context.Context, report ID) error
	// PutLookMarks stores the marks of a file in place of earlier ones. What so many files have already is left out.
	PutLookMarks(ctx context.Context, file ID, marks []int64, most int) error
	// LookAlikes lists files with one of the marks, limit at most: first those whose shared marks tell most (one that n files have counts 1/n).
	LookAlikes(ctx context.Context, marks []int64, limit int) ([]ID, error)
	// PutSightings stores each in place of an earlier one of the same two files, and says of how many there was none.
	PutSightings(ctx context.Context, all []Sighting) (added int, err error)
	// Sightings lists those of one of the Report's files, limit at most: first what is exactly the same, then by the other files' times.
	Sightings(ctx context.Context, report, file ID, limit int) ([]*Sighting, error)
}

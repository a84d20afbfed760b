package review

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/audit"
	"github.com/heed-line/heed/internal/screening"
	"github.com/heed-line/heed/internal/screening/own"
	"github.com/heed-line/heed/internal/seal"
)

// ErrNotYet says that the machine hasn't looked at a report, so that nobody knows yet whether it proposes to refuse it.
var ErrNotYet = errors.New("the report is not screened yet")

// ForListener reports whether a recording of the report may go to the line's engine that hears: never one of a report that the machine
// proposes to refuse, or that somebody refused, erased or put apart.
//
// It returns ErrNotYet.
func (s *Service) ForListener(ctx context.Context, tx heed.Tx, r *heed.Report, keys *seal.ReportKeys) (bool, error) {
	if !forEngine(r.State) {
		if unscreened(r) {
			return false, ErrNotYet
		}
		return false, nil
	}
	sc, _, err := s.screening(ctx, tx, r.ID, keys)
	if err != nil {
		return false, err
	}
	if sc != nil {
		return !sc.Refuse, nil
	}
	c, err := s.content(r, keys)
	if err == nil && !c.Spoken() {
		err = ErrNotYet
	}
	return err == nil, err
}

// TranscribedDetails are in the leaf of what was heard in a recording, or of why nothing was.
type TranscribedDetails struct {
	Attachment heed.ID `json:"attachment"`
	Model      string  `json:"model,omitempty"`
	SHA256     string  `json:"sha256,omitempty"` // of the sealed transcript
	Code       string  `json:"code,omitempty"`
}

// Transcribed writes the leaf of a transcript that the same transaction stores, and has the machine read it: as the text of a report that has
// none, once all its recordings were heard, and else like a message, by which the urgency may rise.
func (s *Service) Transcribed(ctx context.Context, tx heed.Tx, id heed.ID, d TranscribedDetails) error {
	r, err := tx.Report(ctx, id)
	if err != nil {
		return err
	}
	keys, err := s.keys(ctx, tx, id)
	if err != nil {
		return err
	}
	// The report's version moves with it: of two recordings that are heard at once, one finds the other.
	if err := s.record(ctx, tx, r, act{name: audit.FileTranscribed, details: d}, s.cfg.Now()); err != nil {
		return err
	}
	c, err := s.content(r, &keys)
	if err != nil {
		return err
	}
	done, err := screened(ctx, tx, id)
	if err != nil {
		return err
	}
	if done || !c.Spoken() {
		if d.Code != "" {
			return nil
		}
		// Its words are what the report is found by, too.
		if err := enqueue(ctx, tx, JobRebuild, RebuildArgs{Reports: []heed.ID{id}}); err != nil {
			return err
		}
		return enqueue(ctx, tx, JobScreenMessage, MessageArgs{Report: id, Attachment: d.Attachment})
	}
	wait, err := unheard(ctx, tx, id)
	if err != nil || wait {
		return err
	}
	return enqueue(ctx, tx, JobScreen, ScreenArgs{[]heed.ID{id}})
}

// enqueue enqueues a job.
func enqueue(ctx context.Context, tx heed.JobTx, kind string, args any) error {
	b, err := json.Marshal(args)
	if err != nil {
		return fmt.Errorf("encode a job: %w", err)
	}
	return tx.Enqueue(ctx, heed.Job{Kind: kind, Args: b})
}

// unheard reports whether something will yet be heard in one of the report's recordings.
func unheard(ctx context.Context, tx heed.Tx, id heed.ID) (bool, error) {
	files, err := tx.Attachments(ctx, id)
	if err != nil {
		return false, err
	}
	copies, err := tx.SafeCopies(ctx, id)
	if err != nil {
		return false, err
	}
	of := map[heed.ID]*heed.SafeCopy{}
	for _, c := range copies {
		of[c.Attachment] = c
	}
	for _, f := range files {
		c := of[f.ID]
		switch {
		case !f.Sound():
		case c == nil || c.State == heed.CopyWaiting:
			if f.TransitKey != nil {
				return true, nil
			}
		case c.State == heed.CopyMade && c.Transcript == nil && c.TranscriptCode == "":
			return true, nil
		}
	}
	return false, nil
}

// OpenTranscript opens what was heard in a copy, with its report's data key; nil where nothing was yet.
func OpenTranscript(data seal.Key, line string, c *heed.SafeCopy) (*heed.Transcript, error) {
	if c == nil || c.Transcript == nil {
		return nil, nil
	}
	b, err := data.Open(seal.TranscriptPlace(line, c.Report, c.Attachment), c.Transcript)
	if err != nil {
		return nil, fmt.Errorf("open a transcript: %w", err)
	}
	t := &heed.Transcript{}
	if err := json.Unmarshal(b, t); err != nil {
		return nil, fmt.Errorf("decode a transcript: %w", err)
	}
	return t, nil
}

// DetailsIn are the key details in what was heard or read in a file, whose offsets are into that; none where the words by themselves would
// have a report refused, and none of what they give as their writer's own contacts.
func (s *Service) DetailsIn(t *heed.Transcript) []heed.Detail {
	result, contacts := s.inFile(t)
	if result.Refuse {
		return nil
	}
	return besideContacts(result.Details, contacts)
}

// keyed is what of the words in a file its report is found by: as of DetailsIn.
func (s *Service) keyed(t *heed.Transcript) string {
	result, contacts := s.inFile(t)
	if result.Refuse {
		return ""
	}
	return without(t.Text, contacts)
}

// inFile is what the machine makes of the words in a file by themselves, and where they give their writer's own contacts: nowhere in a swindle,
// whose letter says "my number is" too, as in mask.
func (s *Service) inFile(t *heed.Transcript) (result heed.Screening, contacts []own.Piece) {
	if t.Text == "" {
		return result, nil
	}
	result = s.cfg.Screener.Screen(screening.Input{Text: t.Text, Lang: t.Language, ReceivedAt: s.cfg.Now()})
	if !swindle(result.Category) {
		language := t.Language
		if language == "" {
			language = result.Language
		}
		contacts = own.Contacts(t.Text, language)
	}
	return result, contacts
}

// betweenRecordings stands between what was heard in one and in the next, where they are read as one text.
const betweenRecordings = "\n\n"

// heard is what was heard in a report's recordings, as it is screened where nothing was written; "" where nothing was heard.
func (s *Service) heard(keys *seal.ReportKeys, copies []*heed.SafeCopy) (string, error) {
	var all []string
	for _, c := range copies {
		t, err := OpenTranscript(keys.Data, s.cfg.Line, c)
		if err != nil {
			return "", err
		}
		if t != nil && t.Text != "" {
			all = append(all, t.Text)
		}
	}
	return strings.Join(all, betweenRecordings), nil
}

// copiesIfSpoken are the copies of a report that may have been spoken: what is heard in them stands for its text.
func copiesIfSpoken(ctx context.Context, tx heed.SafeCopyTx, r *heed.Report) ([]*heed.SafeCopy, error) {
	if r.Channel != heed.ChannelPhone || r.Files == 0 {
		return nil, nil
	}
	return tx.SafeCopies(ctx, r.ID)
}

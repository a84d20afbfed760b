package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"
	"unicode"

	"github.com/heed-line/heed"
	"github.com/heed-line/heed/internal/keystore"
	"github.com/heed-line/heed/internal/seal"
)

// requestSuffix and answerSuffix are how the two files that travel are called.
const (
	requestSuffix = ".heed-request"
	answerSuffix  = ".heed-answer"
)

// custodianOpenCommand opens a request.
type custodianOpenCommand struct {
	Request        string `arg:"" help:"File that was downloaded at the desk." type:"path" placeholder:"REQUEST"`
	Key            string `help:"File of your key." required:"" type:"path" placeholder:"FILE"`
	Out            string `help:"File for the answer; the default is the request's name with .heed-answer." type:"path" placeholder:"FILE"`
	Show           bool   `help:"Show who the reporter is on this screen alone, and make no answer. A file isn't shown."`
	AuditKey       string `help:"The line's audit key; without it, you compare it once and it is noted in FILE.line." placeholder:"KEY"`
	CodeFile       string `help:"File whose first line is the request's code; without it, it is asked for." type:"path" placeholder:"FILE"`
	PassphraseFile string `help:"File whose first line is the key's passphrase; without it, it is asked for." type:"path" placeholder:"FILE"`
}

// Help is shown by --help below the flags.
func (c *custodianOpenCommand) Help() string {
	return `It asks for the code that stood beside the download and for your passphrase, shows who asks, for which report and why, and opens nothing before you type yes.
The answer is sealed to who asked: bring it to the page of the request at the desk. Nothing is ever written in clear. Destroy the request, the answer and the
paper with the code afterwards.

A request to approve or to remove a Custodian needs no code: it shows about whom it is and the name of their key, to be compared with the person before you type yes.

Examples:
  heed custodian open --key ana.key request.heed-request
  heed custodian open --key ana.key --show request.heed-request`
}

// Run opens the request.
func (c *custodianOpenCommand) Run(ctx context.Context, s *surroundings, _ *slog.Logger) error {
	if err := hardenProcess(); err != nil {
		return fmt.Errorf("closing the process's memory to others: %w", err)
	}
	p := newPrompter(s)
	files, err := c.read()
	if err != nil {
		return err
	}
	if seal.IsAgreement(files.request) {
		return c.agree(ctx, s, p, files)
	}
	key, request, err := c.open(ctx, p, files)
	if err != nil {
		return err
	}
	if err := describe(s.Stderr, request); err != nil {
		return err
	}
	if now := s.Now(); !now.Before(request.Until) {
		return fmt.Errorf("the request lapsed at %s, and this machine's clock says %s: nothing was opened, and the desk takes no answer any more", moment(request.Until), moment(now))
	}
	if c.Show && request.File != nil {
		return errors.New("a file isn't shown here: it lies at the line, and who asks gets it there")
	}
	if err := p.yes(ctx, fmt.Sprintf("Open it for %s?", onScreen(request.Asker))); err != nil {
		return err
	}
	if request.File != nil {
		return c.answerFile(s, key, request)
	}
	who, err := request.Open(key)
	if err != nil {
		return errors.New("the identity in it can't be opened with your key: it was changed, or sealed before you were a Custodian")
	}
	if c.Show {
		return showIdentities(s.Stdout, who)
	}
	answer, err := request.Answer(key, who)
	if err != nil {
		return errBrokenRequest
	}
	return c.write(s, answer)
}

// errBrokenRequest is for a request that the line signed and that holds no keys.
var errBrokenRequest = errors.New("no answer can be made of it: the request's own keys are broken")

// answerFile gives who asked the key of a file, which isn't here itself.
func (c *custodianOpenCommand) answerFile(s *surroundings, key *seal.PrivateKey, request *seal.ApartRequest) error {
	file, err := request.OpenFile(key)
	if err != nil {
		return errors.New("the file's key in it can't be opened with your key: it was changed, or sealed before you were a Custodian")
	}
	defer clear(file[:])
	answer, err := request.AnswerFile(key, file)
	if err != nil {
		return errBrokenRequest
	}
	return c.write(s, answer)
}

// write makes the answer's file, and says where.
func (c *custodianOpenCommand) write(s *surroundings, answer []byte) error {
	out := c.Out
	if out == "" {
		out = strings.TrimSuffix(c.Request, requestSuffix) + answerSuffix
	}
	if err := createFile(out, answer); err != nil {
		return err
	}
	_, err := fmt.Fprintln(s.Stdout, out)
	return err
}

// open gives the Custodian's key and what is asked, once the line is known to ask it.
func (c *custodianOpenCommand) open(ctx context.Context, p *prompter, files *apartFiles) (*seal.PrivateKey, *seal.ApartRequest, error) {
	var typed string
	var err error
	if c.CodeFile != "" {
		typed, err = readSecretFile(c.CodeFile)
	} else {
		typed, err = p.line(ctx, "Code of the request: ")
	}
	if err != nil {
		return nil, nil, err
	}
	code, err := seal.ParseApartCode(typed)
	if err != nil {
		return nil, nil, errors.New("that is no code: it has five groups of four letters and digits")
	}
	unlocked, err := seal.UnlockApart(code, files.request)
	switch {
	case errors.Is(err, heed.ErrInvalid):
		return nil, nil, fmt.Errorf("%s is no request that was downloaded at a desk", c.Request)
	case err != nil:
		return nil, nil, errors.New("the code doesn't open this file: each download has a code of its own, on the page beside it; or the file was changed on its way")
	}
	key, err := c.unlock(ctx, p, files)
	if err != nil {
		return nil, nil, err
	}
	request, signer, err := seal.ReadApart(key, unlocked)
	switch {
	case errors.Is(err, heed.ErrSealed):
		return nil, nil, errors.New("the request is for another key than yours")
	case err != nil:
		return nil, nil, errors.New("the request's signature is wrong: it doesn't come from a line as it is")
	}
	return key, request, c.trust(ctx, p, signer)
}

// unlock opens the key with its passphrase.
func (c *custodianOpenCommand) unlock(ctx context.Context, p *prompter, files *apartFiles) (*seal.PrivateKey, error) {
	passphrase, err := p.secretFrom(ctx, c.PassphraseFile, "Passphrase of your key: ")
	if err != nil {
		return nil, err
	}
	key, err := seal.OpenCustodianKey(files.public, files.sealed, passphrase)
	if err != nil {
		return nil, errors.New("the passphrase doesn't open your key")
	}
	return key, nil
}

// apartFiles are the two halves in the key's file, and the request's.
type apartFiles struct{ public, sealed, request []byte }

// read reads the key's file and the request's, neither of which is long.
func (c *custodianOpenCommand) read() (*apartFiles, error) {
	text, err := os.ReadFile(c.Key)
	if err != nil {
		return nil, usagef("reading the key: %w", err)
	}
	var files apartFiles
	if files.public, files.sealed, err = seal.ParseCustodianKey(text); err != nil {
		return nil, usagef("%s holds no Custodian's key", c.Key)
	}
	file, err := os.Open(c.Request)
	if err != nil {
		return nil, usagef("reading the request: %w", err)
	}
	files.request, err = io.ReadAll(io.LimitReader(file, seal.MaxApart+1))
	if err = errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("reading the request: %w", err)
	}
	return &files, nil
}

// linesSuffix is what the file is called, after the key's, that notes whose requests were opened: audit keys, one a line.
const linesSuffix = ".line"

// trust refuses a request of another line than the Custodian's own. The first time they compare its key with what the desk shows.
func (c *custodianOpenCommand) trust(ctx context.Context, p *prompter, signer *seal.Verifier) error {
	if c.AuditKey != "" {
		own, err := keystore.ParseAuditKey(c.AuditKey)
		if err != nil {
			return usagef("--audit-key: %w", err)
		}
		if !bytes.Equal(own.Bytes(), signer.Bytes()) {
			return errors.New("the request was signed by another line than --audit-key says")
		}
		return nil
	}
	path := c.Key + linesSuffix
	known, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("reading whose requests you opened before: %w", err)
	}
	text := keystore.FormatAuditKey(signer)
	if err == nil {
		if strings.TrimSpace(string(known)) != text {
			return fmt.Errorf("the request was signed by another line than those that you opened before (%s): if that is right, give its audit key by --audit-key", path)
		}
		return nil
	}
	question := fmt.Sprintf("The line's key: %s\nIt must be what the desk shows beside the download, and what the operator gave you. Is it the same?", seal.Fingerprint(signer.Bytes()))
	if err := p.yes(ctx, question); err != nil {
		return err
	}
	return createFile(path, []byte(text+"\n"))
}

// describe says what is asked.
func describe(w io.Writer, r *seal.ApartRequest) error {
	out := &printer{w: w}
	reasons := map[heed.DisclosureReason]string{
		heed.ReasonDanger: "somebody's life or health depends on reaching the reporter", heed.ReasonLaw: "a court or a law orders it",
		heed.ReasonHandling: "the report can't be dealt with otherwise", heed.ReasonReporter: "the reporter asked for it",
	}
	out.printf("\nLine       %s\n", onScreen(r.LineName))
	out.printf("Report     %s (%s)\n", onScreen(r.Report.Short()), onScreen(string(r.Report)))
	if f := r.File; f != nil {
		out.printf("Asked for  a file as the reporter sent it (%s, at most %d bytes): with the voice, and with all that it tells about who made it\n", onScreen(f.Type), f.Size)
		if f.Malware != "" {
			out.printf("Beware     the line's virus scanner knows it as %s: it may harm the computer that it is opened on\n", onScreen(f.Malware))
		}
	} else {
		out.printf("Asked for  who the reporter is\n")
	}
	out.printf("Asked by   %s, %s\n", onScreen(r.Asker), moment(r.At))
	out.printf("Reason     %s\n", onScreen(reasons[r.Class]))
	out.printf("In words   %s\n", onScreen(r.Words))
	out.printf("Answer by  %s\n\n", moment(r.Until))
	return out.err
}

// showIdentities shows who a reporter is, on a screen.
func showIdentities(w io.Writer, who []heed.Identity) error {
	out := &printer{w: w}
	for _, i := range who {
		for _, field := range []struct{ label, value string }{{"Name", i.Name}, {"Phone", i.Phone}, {"E-mail", i.Email}, {"Address", i.Address}, {"Full text", i.Text}} {
			if field.value != "" {
				out.printf("%-10s %s\n", field.label, onScreen(field.value))
			}
		}
	}
	return out.err
}

func moment(t time.Time) string { return t.UTC().Format("2 Jan 2006 15:04 UTC") }

// onScreen is what strangers wrote, without what would steer a terminal or turn the order of its text.
func onScreen(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

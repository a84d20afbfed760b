package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// prompter asks whoever sits at the terminal. Where there is none, each answer is a line of standard input.
type prompter struct {
	in       *bufio.Reader
	out      io.Writer
	terminal *os.File // nil where standard input is none
}

func newPrompter(s *surroundings) *prompter {
	p := &prompter{in: bufio.NewReader(s.Stdin), out: s.Stderr}
	if file, ok := s.Stdin.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.terminal = file
	}
	return p
}

// line asks for a line that everybody at the screen may see.
func (p *prompter) line(ctx context.Context, question string) (string, error) {
	return p.ask(ctx, question, func() (string, error) {
		text, err := p.in.ReadString('\n')
		if errors.Is(err, io.EOF) && text != "" {
			err = nil
		}
		return text, err
	})
}

// secret asks for what the screen doesn't show.
func (p *prompter) secret(ctx context.Context, question string) (string, error) {
	if p.terminal == nil {
		return p.line(ctx, question)
	}
	fd := int(p.terminal.Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", fmt.Errorf("reading from the terminal: %w", err)
	}
	answer, err := p.ask(ctx, question, func() (string, error) {
		b, err := term.ReadPassword(fd)
		return string(b), err
	})
	fmt.Fprintln(p.out)
	return answer, errors.Join(err, term.Restore(fd, before))
}

// yes asks for a word that nobody types by mistake.
func (p *prompter) yes(ctx context.Context, question string) error {
	answer, err := p.line(ctx, question+" Type yes: ")
	if err == nil && !strings.EqualFold(answer, "yes") {
		err = errors.New("nothing was done")
	}
	return err
}

// ask reads beside a wait for ctx: a read from a terminal can't be interrupted.
func (p *prompter) ask(ctx context.Context, question string, read func() (string, error)) (string, error) {
	if _, err := fmt.Fprint(p.out, question); err != nil {
		return "", err
	}
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read()
		got <- answer{strings.TrimRight(text, "\r\n"), err}
	}()
	select {
	case a := <-got:
		if errors.Is(a.err, io.EOF) {
			a.err = usagef("nobody answered")
		}
		return a.text, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// secretFrom is a file's first line, or what is typed where no file is named.
func (p *prompter) secretFrom(ctx context.Context, file, question string) (string, error) {
	if file != "" {
		return readSecretFile(file)
	}
	return p.secret(ctx, question)
}

// readSecretFile reads a passphrase, token or key: the file's first line.
func readSecretFile(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", usagef("reading a secret: %w", err)
	}
	secret := firstLine(string(text))
	if secret == "" {
		return "", usagef("%s: its first line is empty", path)
	}
	return secret, nil
}

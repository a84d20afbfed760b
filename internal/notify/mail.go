package notify

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/smtp"
	"strconv"
	"strings"

	"github.com/heed-line/heed/internal/profile"
)

// mail sends one message to one address (RFC 5321), by the profile's server.
func (s *Service) mail(ctx context.Context, n Notice) (err error) {
	server := s.cfg.Profile.Notify.SMTP
	message, err := s.compose(n)
	if err != nil {
		return err
	}
	client, err := s.dial(ctx, server)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, client.Close())
		}
	}()
	if server.User != "" {
		password, err := s.secret(server.PasswordFile)
		if err != nil {
			return err
		}
		// net/smtp refuses to send a password without TLS, but to this machine.
		if err := client.Auth(smtp.PlainAuth("", server.User, string(password), server.Host)); err != nil {
			return fmt.Errorf("sign in: %w", err)
		}
	}
	if err := client.Mail(server.From); err != nil {
		return fmt.Errorf("name the sender: %w", err)
	}
	if err := client.Rcpt(n.To); err != nil {
		return fmt.Errorf("name the receiver: %w", err)
	}
	w, err := client.Data()
	if err != nil {
		return fmt.Errorf("begin the message: %w", err)
	}
	if _, err := w.Write(message); err != nil {
		return fmt.Errorf("send the message: %w", err)
	}
	if err := w.Close(); err != nil {
		return fmt.Errorf("end the message: %w", err)
	}
	// The server has taken the message: a failing farewell must not have it sent again.
	if quit := client.Quit(); quit != nil {
		s.cfg.Log.DebugContext(ctx, "the mail server ended without a farewell", "error", quit)
	}
	return nil
}

// dial connects to the server and secures the connection as the profile says.
func (s *Service) dial(ctx context.Context, server profile.SMTP) (*smtp.Client, error) {
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	address := net.JoinHostPort(server.Host, strconv.Itoa(server.Port))
	secure := &tls.Config{ServerName: server.Host, MinVersion: tls.VersionTLS12}
	var conn net.Conn
	var err error
	if server.Security == "tls" {
		conn, err = (&tls.Dialer{Config: secure}).DialContext(ctx, "tcp", address)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, "tcp", address)
	}
	if err != nil {
		return nil, fmt.Errorf("reach the mail server: %w", err)
	}
	deadline, _ := ctx.Deadline() // WithTimeout always has one
	if err := conn.SetDeadline(deadline); err != nil {
		return nil, errors.Join(fmt.Errorf("bound the connection: %w", err), conn.Close())
	}
	client, err := smtp.NewClient(conn, server.Host)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("greet the mail server: %w", err), conn.Close())
	}
	if server.Security == "starttls" {
		if err := client.StartTLS(secure); err != nil {
			return nil, errors.Join(fmt.Errorf("secure the connection: %w", err), client.Close())
		}
	}
	return client, nil
}

// words.json holds the messages' words by language; %d and %s are filled in by compose.
//
//go:embed words.json
var wordSource []byte

// compose writes the message (RFC 5322) in the line's own language.
func (s *Service) compose(n Notice) ([]byte, error) {
	var all map[string]map[string]string
	if err := json.Unmarshal(wordSource, &all); err != nil {
		return nil, fmt.Errorf("read the messages' words: %w", err)
	}
	lang := s.cfg.Profile.Languages[0]
	words := profile.In(all, lang)
	line := s.cfg.Profile.Line.Name.In(lang)
	name := n.Kind
	if n.Kind == KindDeadline {
		name += "-" + strconv.Itoa(n.Level)
	}
	sentence := strings.ReplaceAll(words[name], "{count}", strconv.Itoa(n.Count))
	_, domain, _ := strings.Cut(s.cfg.Profile.Notify.SMTP.From, "@")

	var b bytes.Buffer
	head := func(name, value string) { fmt.Fprintf(&b, "%s: %s\r\n", name, value) }
	head("From", s.cfg.Profile.Notify.SMTP.From)
	head("To", n.To)
	head("Subject", mime.QEncoding.Encode("utf-8", strings.Join(strings.Fields(line+": "+sentence), " ")))
	head("Date", s.cfg.Now().In(s.cfg.Profile.Zone()).Format("Mon, 02 Jan 2006 15:04:05 -0700"))
	head("Message-ID", "<"+rand.Text()+"@"+domain+">")
	head("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers
	head("MIME-Version", "1.0")
	head("Content-Type", "text/plain; charset=utf-8")
	head("Content-Transfer-Encoding", "quoted-printable")
	b.WriteString("\r\n")
	q := quotedprintable.NewWriter(&b)
	text := sentence + "\r\n"
	if desk := s.desk(); desk != "" {
		text += "\r\n" + desk + "\r\n"
	}
	text += "\r\n" + words["foot"] + "\r\n"
	if _, err := q.Write([]byte(text)); err != nil {
		return nil, fmt.Errorf("write a message: %w", err)
	}
	if err := q.Close(); err != nil {
		return nil, fmt.Errorf("write a message: %w", err)
	}
	return b.Bytes(), nil
}

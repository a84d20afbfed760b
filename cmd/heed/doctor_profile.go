package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"github.com/heed-line/heed/internal/engine"
	"github.com/heed-line/heed/internal/media/clamd"
	"github.com/heed-line/heed/internal/media/known"
	"github.com/heed-line/heed/internal/profile"
)

// examineProfile reads the profile; nil where it doesn't load.
func (d *doctor) examineProfile() *profile.Profile {
	file := d.flags.profileFile()
	p, err := profile.Load(file)
	if errors.Is(err, fs.ErrNotExist) {
		d.fault("profile", "%s isn't there: heed serve writes one to begin with", file)
		return nil
	}
	var faults *profile.Faults
	if errors.As(err, &faults) {
		first := faults.List[0]
		d.fault("profile", "%s:%d:%d: %s %s (%d faults in all)", file, first.Line, first.Column, first.Key, first.Message, len(faults.List))
		return nil
	}
	if err != nil {
		d.fault("profile", "%v", err)
		return nil
	}
	d.ok("profile", "%s: %d languages, %d categories, %d departments", file, len(p.Languages), len(p.Categories), len(p.Departments))
	for _, department := range p.Departments {
		if len(department.Recipients) == 0 {
			d.note("department "+department.ID, "has no age recipient: nothing can be referred to it")
		}
	}
	if p.Notify.SMTP.Host == "" && p.Notify.Webhook.URL == "" {
		d.note("notices", "neither mail nor a webhook is set: a deadline that passes is told at the desk alone")
	}
	for _, secret := range []string{p.Notify.SMTP.PasswordFile, p.Notify.Webhook.SecretFile} {
		if secret == "" {
			continue
		}
		if _, err := os.Stat(secret); err != nil {
			d.fault("notices", "%v", err)
		}
	}
	if file := p.SignIn.OIDC.ClientSecretFile; file != "" {
		if _, err := readSecretFile(file); err != nil {
			d.fault("sign-on", "%v", err)
		}
	}
	return p
}

// examineKnownFiles reads the lists of known files that the profile names, without which the worker doesn't start.
func (d *doctor) examineKnownFiles(p *profile.Profile) {
	if p == nil {
		return
	}
	for _, l := range []struct{ name, path string }{{"hoax list", p.KnownFiles.Hoax}, {"abuse list", p.KnownFiles.Abuse}} {
		if l.path == "" {
			continue
		}
		list, err := known.Load(l.path)
		if err != nil {
			d.fault(l.name, "%v", err)
			continue
		}
		if info, err := os.Stat(l.path); err == nil && info.Mode().Perm()&0o007 != 0 {
			d.fault(l.name, "%s can be read or changed by everybody on this machine (%v): chmod o= it", l.path, info.Mode().Perm())
			continue
		}
		d.ok(l.name, "%d hashes", list.Size())
	}
}

// clamdSockets are where distributions have clamd listen.
var clamdSockets = [...]string{"/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock"}

// examineClamd asks whether the clamd that the profile names answers: without it no file is opened. Where it names none and one is there, it says so.
func (d *doctor) examineClamd(ctx context.Context, p *profile.Profile) {
	if p == nil {
		return
	}
	c := clamd.New(p.Clamd)
	if c == nil {
		for _, socket := range clamdSockets {
			if _, err := os.Stat(socket); err == nil {
				d.note("clamd", "it is at %s, and no file is shown to it: see clamd in docs/profile.md", socket)
				return
			}
		}
		d.note("clamd", "none: no file is held against known malicious ones (clamd in the profile)")
		return
	}
	if err := c.Ping(ctx); err != nil {
		d.fault("clamd", "%v: files wait for it, and are lost with their day", err)
		return
	}
	d.ok("clamd", "it answers; its TemporaryDirectory must lie in memory, for it writes files there in clear")
}

// examineEngine asks whether the language model that the profile names is there. It is optional, so nothing of it is a fault.
func (d *doctor) examineEngine(ctx context.Context, p *profile.Profile) {
	if p == nil || p.Engines.Language.URL == "" {
		return
	}
	e, err := engine.New(p.Engines.Language, readSecretFile)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, engineTimeout)
		defer cancel()
		err = e.Check(ctx)
	}
	if err != nil {
		d.note("engine", "%v", err)
		return
	}
	d.ok("engine", "%s answers", p.Engines.Language.Model)
}

// examineListener asks whether the engine that hears is there. It is optional, so nothing of it is a fault.
func (d *doctor) examineListener(ctx context.Context, p *profile.Profile) {
	if p == nil || p.Engines.Speech.URL == "" {
		return
	}
	e, err := engine.NewListener(p.Engines.Speech, readSecretFile)
	if err == nil {
		ctx, cancel := context.WithTimeout(ctx, engineTimeout)
		defer cancel()
		err = e.Check(ctx)
	}
	if err != nil {
		d.note("speech", "%v", err)
		return
	}
	d.ok("speech", "the engine that hears answers")
}

// engineTimeout is how long the doctor waits for the engine.
const engineTimeout = 5 * time.Second

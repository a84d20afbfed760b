package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"golang.org/x/sys/unix"

	"github.com/heed-line/heed/internal/phone/sip"
	"github.com/heed-line/heed/internal/profile"
)

// fewCalls is how many calls at once should find sockets: the default of --sip-calls.
const fewCalls = 200

// trunkPatience is how long a trunk may take to say how the line stands with it.
const trunkPatience = 15 * time.Second

// examinePhone says for how many calls the process may have sockets: two each, of half the files that it may open.
func (d *doctor) examinePhone() {
	var files unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &files); err != nil {
		d.note("phone", "how many files may be open can't be asked: %v", err)
		return
	}
	if room := files.Cur / 4; room < fewCalls {
		d.note("phone", "sockets for %d calls at once: raise the limit of open files (ulimit -n, LimitNOFILE=), or lower --sip-calls", room)
		return
	}
	d.ok("phone", "sockets for as many calls as --sip-calls allows by default")
}

// examineTrunk asks the trunk how the line stands with it, and changes nothing there.
func (d *doctor) examineTrunk(ctx context.Context, p *profile.Profile) {
	if p == nil || p.Phone.Trunk.Host == "" {
		return
	}
	trunk, err := newTrunk(p.Phone.Trunk)
	if err != nil && d.calls {
		d.fault("trunk", "%v", err)
		return
	}
	if err != nil {
		d.note("trunk", "only the machine that answers calls can ask it: %v", err)
		return
	}
	ctx, cancel := context.WithTimeout(ctx, trunkPatience)
	defer cancel()
	standing, err := sip.Ask(ctx, *trunk, sip.Config{Log: slog.New(slog.DiscardHandler)})
	switch {
	case errors.Is(err, sip.ErrTrunkSilent), errors.Is(err, sip.ErrTrunkRefuses), errors.Is(err, sip.ErrTrunkFault),
		errors.Is(err, sip.ErrTrunkSecret), errors.Is(err, sip.ErrTrunkRealm):
		d.fault("trunk", "%v", err)
	case err != nil:
		d.fault("trunk", "the trunk couldn't be asked")
	case !trunk.Register:
		d.ok("trunk", "it answers; nobody registers with it")
	case standing.Places == 0:
		d.note("trunk", "it answers and takes the secret, and knows of no place to send calls to: heed serve with --sip or --sip-tls registers there")
	case standing.Life > 0:
		d.ok("trunk", "it knows where to send calls (places: %d), for %s more unless that is renewed", standing.Places, standing.Life.Round(time.Second))
	default:
		d.ok("trunk", "it knows where to send calls (places: %d)", standing.Places)
	}
}

package portal

import (
	"slices"
	"strings"

	"github.com/heed-line/heed/internal/intake"
)

// maxTells is how many things that files say are told at most: three of each of twenty.
const maxTells = 60

// takeTells adds to a report's or a later message's text what of their files' own words they chose to tell (tells.js): a line each, after its file's address
// and a space. A form that is sent twice adds them once, and of a file that isn't with the draft nothing is told.
func (p *portal) takeTells(d *draft, told string) {
	for i, line := range strings.Split(told, "\n") {
		address, says, _ := strings.Cut(strings.TrimSpace(line), " ")
		says = strings.TrimSpace(says)
		if i == maxTells {
			return
		}
		u, err := p.openUpload(address[strings.LastIndexByte(address, '/')+1:])
		if err == nil && says != "" && slices.ContainsFunc(d.Uploads, func(o intake.Upload) bool { return o.ID == u.ID }) {
			d.tell(u.ID, says)
		}
	}
}

// tell adds what an upload says to the text, unless it stands there.
func (d *draft) tell(upload, says string) {
	stands := slices.Contains(strings.Split(d.Text, "\n"), says)
	if stands && !d.tells(says) {
		return // the reporter wrote it
	}
	switch {
	case stands:
	case d.Text == "":
		d.Text = says
	default:
		d.Text += "\n" + says
	}
	if d.Told == nil {
		d.Told = map[string][]string{}
	}
	if of := d.Told[upload]; len(of) < maxTells && !slices.Contains(of, says) {
		d.Told[upload] = append(of, says)
	}
}

// tells reports whether an upload told the line.
func (d *draft) tells(line string) bool {
	for _, of := range d.Told {
		if slices.Contains(of, line) {
			return true
		}
	}
	return false
}

// untell takes out of the text what an upload told and no other did. A line that the reporter changed since is theirs.
func (d *draft) untell(upload string) {
	gone := d.Told[upload]
	delete(d.Told, upload)
	lines := slices.DeleteFunc(strings.Split(d.Text, "\n"), func(line string) bool { return slices.Contains(gone, line) && !d.tells(line) })
	d.Text = strings.Join(lines, "\n")
}

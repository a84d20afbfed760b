package profile

// KnownFiles are lists of files that are known (docs/media.md#known-files), each the path of a file that the worker alone need read; "" is none.
type KnownFiles struct {
	Hoax  string `yaml:"hoax"`  // of which staff are told
	Abuse string `yaml:"abuse"` // which nobody is to see; where it is set no file is had before it was held against it
	// Route says to who reads a report with such a file what to do now, as the law where the line is has it. Needed with Abuse.
	Route Text `yaml:"route"`
}

func (c *checker) knownFiles(p *Profile) {
	k := p.KnownFiles
	if k.Abuse != "" || len(k.Route) > 0 {
		c.text("known_files.route", k.Route, maxLong)
	}
	if k.Abuse != "" && k.Abuse == k.Hoax {
		c.fault("known_files.abuse", "this is the hoax list's file: staff would be shown what nobody is to see")
	}
}

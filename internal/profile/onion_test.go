package profile

import (
	"errors"
	"strings"
	"testing"
)

// torProject is the Tor Project's own onion service.
const torProject = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion"

// withOnion is the embedded profile with an onion service.
func withOnion(address string) (*Profile, error) {
	return Parse("profile.yaml", []byte(strings.Replace(string(defaultYAML), "\nline:\n", "\nline:\n  onion: "+address+"\n", 1)))
}

func TestAnOnionServiceIsTakenByItsChecksum(t *testing.T) {
	p, err := withOnion("http://" + torProject)
	if err != nil || p.Line.Onion != "http://"+torProject {
		t.Fatalf("%v", err)
	}
	for _, wrong := range []string{
		torProject, "http://" + torProject + "/", "http://" + torProject + "/report", "http://" + torProject + ":80", "http://x@" + torProject, "ftp://" + torProject,
		"http://3gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion", "http://2GZYXA5IHM7NSGGFXNU52RCK2VV4RVMDLKIU3ZZUI5DU4XYCLEN53WID.onion",
		"http://expyuzz4wqqyqhjn.onion", "http://.onion", "https://www.example.org", `"http://a b.onion"`,
	} {
		_, err := withOnion(wrong)
		var faults *Faults
		if !errors.As(err, &faults) || len(faults.List) != 1 || !strings.Contains(err.Error(), "line.onion") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestALineWithoutAWayOutLeadsToTheDefault(t *testing.T) {
	without := strings.Replace(string(defaultYAML), "  url: https://www.wikipedia.org/\n", "", 1)
	p, err := Parse("profile.yaml", []byte(without))
	if err != nil || p.Exit.URL != defaultExit {
		t.Fatalf("%v", err)
	}
	if _, err := Parse("profile.yaml", []byte(strings.Replace(string(defaultYAML), "https://www.wikipedia.org/", `""`, 1))); err == nil {
		t.Error("an empty address is taken")
	}
}

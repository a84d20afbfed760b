package archtest_test

import (
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/heed-line/heed/internal/archtest"
)

// layer ranks what may stand on what: a package imports only packages of lower layers, or of its own where that is a
// layer whose members may know each other.
type layer struct {
	name     string
	packages []string // folders; their subfolders belong to them
	inside   bool     // its members may import each other
}

// layers, lowest first.
var layers = []layer{
	{"the domain", []string{"."}, false},
	{"the stores", []string{"internal/rows", "internal/sqlite", "internal/postgres", "internal/storetest"}, true},
	{"the foundations", []string{"internal/seal", "internal/audit", "internal/blob", "internal/keystore", "internal/profile", "internal/jobs",
		"internal/phone/sound", "internal/survive"}, true},
	{"the services", []string{"internal/intake", "internal/identity", "internal/screening", "internal/review", "internal/referral",
		"internal/notify", "internal/auth", "internal/backup", "internal/monitor", "internal/flood", "internal/media", "internal/engine",
		"internal/learning", "internal/calltaker"}, true},
	{"the pages' machinery", []string{"web", "internal/web"}, true},
	{"the channels", []string{"internal/portal", "internal/desk", "internal/phone"}, false},
	{"the command", []string{"cmd/heed"}, true},
	{"the tests of the whole", []string{"internal/archtest"}, false},
}

// stores may be imported by the command alone (and by each other's shared parts).
var stores = []string{"internal/sqlite", "internal/postgres", "internal/rows", "internal/storetest"}

// bans are imports that the layers would allow and the design does not.
var bans = []struct{ from, to, because string }{
	{"internal/portal", "internal/desk", "the public face must not carry the code that reads reports"},
	{"internal/desk", "internal/portal", "the desk is no part of the public face"},
	{"internal/portal", "internal/review", "the portal holds no key that reads a report, so it has no use for review"},
	{"internal/portal", "internal/referral", "the portal holds no key that reads a report, so it has no use for referrals"},
	{"internal/portal", "internal/screening", "screening is off the request's path"},
	{"internal/phone", "internal/review", "the phone holds no key that reads a report, so it has no use for review"},
	{"internal/phone", "internal/referral", "the phone holds no key that reads a report, so it has no use for referrals"},
	{"internal/phone", "internal/screening", "screening is off the call's path"},
	{"internal/phone", "internal/engine", "no engine hears what a caller is saying"},
	{"internal/phone", "internal/phone/sip", "a menu hears and speaks by a Leg, and learns nothing of who calls"},
	{"internal/phone/sip", "internal/intake", "signalling knows nothing of reports"},
	{"internal/phone/sip", "internal/seal", "signalling knows nothing of reports"},
	{"internal/calltaker", "internal/review", "who types a report in reads none that was handed in"},
	{"internal/calltaker", "internal/identity", "a call-taker learns who reports from the reporter alone"},
	{"internal/intake", "internal/review", "intake must work where the content key is not"},
	{"internal/intake", "internal/referral", "intake must work where the content key is not"},
	{"internal/intake", "internal/screening", "screening is off the request's path"},
	{"internal/screening", "internal/identity", "a machine never sees who reports"},
	{"internal/media", "internal/identity", "who makes copies opens one file at a time, and never who sent it"},
	{"internal/referral", "internal/identity", "a package never holds who reported"},
	{"internal/learning", "internal/identity", "what a line learns from says nothing of who reported"},
	{"internal/screening", "internal/engine", "an engine never decides: what it writes is read by people alone"},
	{"internal/referral", "internal/engine", "what a department gets is what was reported, not what a machine made of it"},
	{"internal/portal", "internal/engine", "no engine reads what a reporter is writing"},
	{"internal/screening", "net/http", "a report's words never leave the operator's machines"},
	{"internal/screening", "os/exec", "screening is a pure function"},
	{"internal/audit", "internal/seal", "a leaf holds hashes and codes that others computed; it must never see a key"},
}

// ciphers may be imported by internal/seal alone.
var ciphers = []string{
	"crypto/aes", "crypto/cipher", "crypto/des", "crypto/rc4", "crypto/ecdh", "crypto/ecdsa", "crypto/ed25519", "crypto/elliptic",
	"crypto/hkdf", "crypto/hpke", "crypto/mlkem", "crypto/pbkdf2", "crypto/rsa", "golang.org/x/crypto", "filippo.io/age", "filippo.io/hpke",
}

// cipherExceptions are files (not packages) that may import one all the same.
var cipherExceptions = map[string]string{
	"internal/auth/signontest/provider.go": "an OpenID provider for tests signs as a real one does, sharing no code with what is tested",
}

func TestAPackageImportsOnlyWhatItsLayerStandsOn(t *testing.T) {
	for _, file := range productionFiles(t) {
		from := rank(file.Package)
		if from < 0 {
			t.Errorf("%s: the package has no layer: give it one in this test and in docs/architecture.md", file.Path)
			continue
		}
		for _, imported := range file.Imports {
			if !archtest.Own(imported) || within(imported, owner(file.Package)) {
				continue
			}
			to := rank(imported)
			switch {
			case to < 0:
				t.Errorf("%s imports %s, which has no layer", file.Path, imported)
			case to > from:
				t.Errorf("%s (%s) imports %s (%s): a layer stands on those below it", file.Path, layers[from].name, imported, layers[to].name)
			case to == from && !layers[from].inside:
				t.Errorf("%s imports %s: %s don't know each other", file.Path, imported, layers[from].name)
			}
		}
	}
}

func TestOnlyTheCommandAndTestsImportAStore(t *testing.T) {
	for _, file := range productionFiles(t) {
		if file.Package == "cmd/heed" || slices.ContainsFunc(stores, func(s string) bool { return within(file.Package, s) }) {
			continue
		}
		for _, imported := range file.Imports {
			if slices.ContainsFunc(stores, func(s string) bool { return within(imported, s) }) {
				t.Errorf("%s imports %s: everything but the wiring works on heed.Store, so that both stores stay equal", file.Path, imported)
			}
		}
	}
}

func TestAStoreImportsNothingOfHeedButTheDomain(t *testing.T) {
	for _, file := range productionFiles(t) {
		if !slices.ContainsFunc(stores, func(s string) bool { return within(file.Package, s) }) {
			continue
		}
		for _, imported := range file.Imports {
			ownStore := slices.ContainsFunc(stores, func(s string) bool { return within(imported, s) })
			if archtest.Own(imported) && imported != "." && !ownStore {
				t.Errorf("%s imports %s: a store knows the domain's records and nothing of what is done with them", file.Path, imported)
			}
		}
	}
}

func TestTheDomainImportsOnlyTheStandardLibrary(t *testing.T) {
	for _, file := range productionFiles(t) {
		if file.Package != "." {
			continue
		}
		for _, imported := range file.Imports {
			if !archtest.Standard(imported) {
				t.Errorf("%s imports %s: everything depends on the domain, so it depends on nothing", file.Path, imported)
			}
		}
	}
}

func TestWhatTheDesignForbidsIsNotImported(t *testing.T) {
	for _, file := range productionFiles(t) {
		for _, ban := range bans {
			if !within(file.Package, ban.from) || file.Package == "internal/screening/evaluate" || file.Package == "internal/screening/measure" { // no part of the program
				continue
			}
			for _, imported := range file.Imports {
				if within(imported, ban.to) {
					t.Errorf("%s imports %s: %s", file.Path, imported, ban.because)
				}
			}
		}
	}
}

// Two readers of one format that share code share its mistakes.
func TestASecondReaderSharesNoCodeWithTheFirst(t *testing.T) {
	files, err := archtest.Read(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	for _, file := range files {
		name := path.Base(file.Path)
		if name != "reader_test.go" && !(strings.HasPrefix(name, "reader_") && strings.HasSuffix(name, "_test.go")) {
			continue
		}
		read[file.Package] = true
		if !file.External {
			t.Errorf("%s is of the package that it reads after: make it one of the package's external tests", file.Path)
		}
		for _, imported := range file.Imports {
			if archtest.Own(imported) || imported == "crypto/hpke" || imported == "filippo.io/hpke" {
				t.Errorf("%s imports %s: a second reader is written from the document, on the primitives alone", file.Path, imported)
			}
		}
	}
	for _, file := range files {
		if path.Base(file.Path) == "vectors_test.go" && !read[file.Package] {
			t.Errorf("%s: the package has vectors and no second reader of them (reader_test.go)", file.Path)
		}
	}
}

func TestEveryCipherLivesInSeal(t *testing.T) {
	for _, file := range productionFiles(t) {
		if within(file.Package, "internal/seal") || cipherExceptions[file.Path] != "" {
			continue
		}
		for _, imported := range file.Imports {
			for _, cipher := range ciphers {
				if within(imported, cipher) {
					t.Errorf("%s imports %s: every cipher lives in internal/seal, where it has its document and its vectors", file.Path, imported)
				}
			}
		}
	}
	for exception := range cipherExceptions {
		if !slices.ContainsFunc(productionFiles(t), func(f archtest.File) bool { return f.Path == exception }) {
			t.Errorf("the exception for %s outlived its file", exception)
		}
	}
}

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	documented := map[string]bool{}
	for _, file := range productionFiles(t) {
		documented[file.Package] = documented[file.Package] || file.Doc
	}
	for folder, has := range documented {
		if !has {
			t.Errorf("%s has no package comment: what it is for, what it may import, what it must never see", folder)
		}
	}
}

func TestNoFileIsNamedForNothing(t *testing.T) {
	for _, file := range productionFiles(t) {
		name := strings.TrimSuffix(path.Base(file.Path), ".go")
		if slices.Contains([]string{"util", "utils", "common", "helper", "helpers", "types", "manager", "misc"}, name) {
			t.Errorf("%s: a file is a noun or a verb of the glossary", file.Path)
		}
	}
}

// productionFiles are the module's files that are built into something; tests may cross layers.
func productionFiles(t *testing.T) []archtest.File {
	t.Helper()
	files, err := archtest.Read(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f archtest.File) bool { return f.Test })
	if len(files) < 10 {
		t.Fatalf("only %d files found: the test looks in the wrong place", len(files))
	}
	return files
}

// rank is the index of the package's layer, or -1.
func rank(folder string) int {
	for i, layer := range layers {
		for _, member := range layer.packages {
			if within(folder, member) {
				return i
			}
		}
	}
	return -1
}

// owner is the layer's member to which the folder belongs: internal/screening for internal/screening/language.
func owner(folder string) string {
	for _, layer := range layers {
		for _, member := range layer.packages {
			if within(folder, member) {
				return member
			}
		}
	}
	return folder
}

// within reports whether folder is parent or below it. The root has nothing below it here.
func within(folder, parent string) bool {
	return folder == parent || parent != "." && strings.HasPrefix(folder, parent+"/")
}

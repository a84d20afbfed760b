package web_test

import (
	"fmt"
	"io/fs"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	files "github.com/heed-line/heed/web"
)

var colourToken = regexp.MustCompile(`--([a-z-]+):\s*#([0-9a-f]{6})`)

// tokens reads the colours of the light and the dark scheme.
func tokens(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	raw, err := fs.ReadFile(files.Files, "static/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	before, after, found := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("no dark scheme")
	}
	light, dark = map[string]string{}, map[string]string{}
	for _, m := range colourToken.FindAllStringSubmatch(before, -1) {
		light[m[1]], dark[m[1]] = m[2], m[2]
	}
	for _, m := range colourToken.FindAllStringSubmatch(after, -1) {
		dark[m[1]] = m[2]
	}
	return light, dark
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(hex string) float64 {
	channel := func(i int) float64 {
		n, err := strconv.ParseUint(hex[i:i+2], 16, 8)
		if err != nil {
			panic(fmt.Errorf("colour %s: %w", hex, err))
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			return c / 12.92
		}
		return math.Pow((c+0.055)/1.055, 2.4)
	}
	return 0.2126*channel(0) + 0.7152*channel(2) + 0.0722*channel(4)
}

func contrast(a, b string) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestEveryPairOfTextAndGroundCanBeRead(t *testing.T) {
	text := map[string][]string{
		"ink":       {"paper", "raised", "sunk", "tint-immediate", "tint-high", "tint-good", "tint-action", "mark"},
		"muted":     {"paper", "raised", "sunk"},
		"action":    {"paper", "raised", "sunk", "tint-action", "tint-high"},
		"immediate": {"paper", "raised", "sunk", "tint-immediate"},
		"high":      {"paper", "raised", "sunk", "tint-high"},
		"normal":    {"paper", "raised", "sunk"},
		"low":       {"paper", "raised", "sunk"},
		"good":      {"paper", "raised", "sunk", "tint-good"},
		"on-action": {"action", "action-hover"},
		"on-focus":  {"focus"},
		"on-signal": {"immediate", "high", "normal", "low", "good"},
		"paper":     {"ink"},
	}
	light, dark := tokens(t)
	for scheme, colours := range map[string]map[string]string{"light": light, "dark": dark} {
		for fore, grounds := range text {
			for _, ground := range grounds {
				if c := contrast(colours[fore], colours[ground]); c < 4.5 {
					t.Errorf("%s: %s on %s is %.2f:1", scheme, fore, ground, c)
				}
			}
		}
		for _, ground := range []string{"paper", "raised", "sunk"} { // edges of fields and buttons: 3:1 (WCAG 1.4.11)
			if c := contrast(colours["edge"], colours[ground]); c < 3 {
				t.Errorf("%s: edge on %s is %.2f:1", scheme, ground, c)
			}
		}
	}
}

func TestStylesKnowNoLeftAndRight(t *testing.T) {
	physical := regexp.MustCompile(`(?m)^\s*(?:(?:margin|padding|border)-(?:left|right)|left|right|float|text-align:\s*(?:left|right))\b.*`)
	names, err := fs.Glob(files.Files, "static/*.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := fs.ReadFile(files.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		if m := physical.FindString(string(raw)); m != "" {
			t.Errorf("%s: %s", name, strings.TrimSpace(m))
		}
	}
}

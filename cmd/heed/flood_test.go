package main

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// flooded is a line in a process of its own behind a proxy, whose flood limits hold.
func flooded(t *testing.T) *killed {
	t.Helper()
	return startProcess(t, filepath.Join(t.TempDir(), "line"), "--behind-proxy", "--flood", "on")
}

// through is what a proxy says of a client at this address.
func through(address string) []string {
	return []string{"X-Forwarded-Proto", "https", "X-Forwarded-For", address}
}

const (
	schoolAddress = "198.51.100.7" // the flood comes from its network too
	homeAddress   = "203.0.113.9"
)

// junk floods the line with so many submissions a second (0: as many as it can) from a school's network and from so many
// others, until ctx ends, and answers how many were let in and how many were shed.
func (k *killed) junk(ctx context.Context, rate float64, networks int) (in, shed int64) {
	var group sync.WaitGroup
	var admitted, refused, sent atomic.Int64
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}, Timeout: time.Minute}
	begun := time.Now()
	for range 16 {
		group.Go(func() {
			for ctx.Err() == nil {
				n := sent.Add(1)
				if rate > 0 {
					select {
					case <-time.After(time.Until(begun.Add(time.Duration(float64(n) / rate * float64(time.Second))))):
					case <-ctx.Done():
						return
					}
				}
				from := schoolAddress
				if m := int(n) % (networks + 1); m > 0 {
					from = fmt.Sprintf("100.%d.%d.9", 64+m/256%64, m%256)
				}
				switch status, err := junkOnce(ctx, client, k.public, from); {
				case err != nil: // the end came first
				case status == http.StatusCreated:
					admitted.Add(1)
				case status == http.StatusTooManyRequests:
					refused.Add(1)
				default:
					k.t.Errorf("a flood's submission: %d", status)
					return
				}
			}
		})
	}
	group.Wait()
	return admitted.Load(), refused.Load()
}

func junkOnce(ctx context.Context, client *http.Client, base, from string) (int, error) {
	body := strings.NewReader(`{"text":"WIN CASH NOW!!! Click http://win.example/now and get your free prize today, limited offer, buy now!!!"}`)
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, base+"/api/v1/reports", body)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	for pair := range slices.Chunk(through(from), 2) {
		r.Header.Set(pair[0], pair[1])
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

// figures reads the desk's metrics whose name begins so, and sums those of one name.
func (k *killed) figures(prefix string) map[string]float64 {
	k.t.Helper()
	sums := map[string]float64{}
	lines := bufio.NewScanner(strings.NewReader(string(k.ask("GET", k.desk+"/metrics", nil, through(homeAddress)...).body)))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil && strings.HasPrefix(name, prefix) {
			plain, _, _ := strings.Cut(name, "{")
			sums[plain] += n
		}
	}
	return sums
}

// memory is the most that the process ever had in memory, in MiB.
func (k *killed) memory() int {
	k.t.Helper()
	return memoryOf(k.t, k.command.Process.Pid, "VmHWM") >> 20
}

// from has the tab's requests come from an address, as a proxy would say.
func (b *tab) from(address string) {
	b.t.Helper()
	call(b, network.Enable, network.EnableParams{})
	headers := network.Headers{}
	for pair := range slices.Chunk(through(address), 2) {
		headers[pair[0]] = pair[1]
	}
	call(b, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: headers})
}

// sendInAFlood sends a report by the form from the flood's own network. Without scripts it waits and presses the button, as
// often as it takes.
func (k *killed) sendInAFlood(t *testing.T, scripts bool) {
	t.Helper()
	b := openTab(t, view{320, "en", scripts})
	b.from(schoolAddress)
	b.open(k.public + "/report")
	b.write("#text", told)
	for range 4 {
		b.next()
	}
	if scripts {
		b.do(chromedp.WaitVisible(chromedp.CSS("#receipt")))
		return
	}
	b.check("wait")
	for tries := 0; !b.has("#receipt"); tries++ {
		if tries == 6 {
			t.Fatal("six times the page said to wait")
		}
		time.Sleep(9 * time.Second)
		b.next()
	}
}

func TestAFloodIsShedWhileReportersOfItsOwnNetworkAndOfOthersGetThrough(t *testing.T) {
	k := flooded(t)
	token := k.addStaff("amira", "specialist,lead")
	ctx, stop := context.WithCancel(context.Background())
	var group sync.WaitGroup
	var in, shed int64
	group.Go(func() { in, shed = k.junk(ctx, 0, 3) })
	eventually(t, time.Minute, "the flood is shed", func() bool { return k.figures("heed_shed")["heed_shed_total"] > 100 })

	k.sendInAFlood(t, true)
	k.sendInAFlood(t, false)
	home := append(through(homeAddress), "Content-Type", "application/json")
	a := k.ask("POST", k.public+"/api/v1/reports", `{"text":"The lift of the clinic at Mill Lane has stopped between two floors every day this week, with patients inside."}`, home...)
	if a.status != http.StatusCreated {
		t.Errorf("from another network: %d %s", a.status, a.body)
	}
	stop()
	group.Wait()

	figures := k.figures("heed_")
	derived, admitted := figures["heed_derivations_total"], figures["heed_admitted_total"]
	if shed < 1000 || derived != admitted || admitted > float64(in+16+3) || in > 400 {
		t.Errorf("%d shed, %d let in; %v derived of %v admitted", shed, in, derived, admitted)
	}
	if mib := k.memory(); mib > 400 {
		t.Errorf("%d MiB of memory", mib)
	}
	t.Logf("%d shed, %d let in, %v derivations, %d MiB", shed, in, derived, k.memory())
	k.realBeforeJunk(t, token)
}

// realBeforeJunk waits until all is screened and looks at the queue as people do: from its beginning.
func (k *killed) realBeforeJunk(t *testing.T, token string) {
	t.Helper()
	bearer := append(through(homeAddress), "Authorization", "Bearer "+token)
	eventually(t, 2*time.Minute, "all reports are screened", func() bool {
		var page struct{ Reports []staffReport }
		k.ask("GET", k.desk+"/api/v1/reports?state=received", nil, bearer...).into(t, &page)
		left := len(page.Reports)
		k.ask("GET", k.desk+"/api/v1/reports?state=screening", nil, bearer...).into(t, &page)
		return left+len(page.Reports) == 0
	})
	var page struct{ Reports []staffReport }
	k.ask("GET", k.desk+"/api/v1/reports?state=queued", nil, bearer...).into(t, &page)
	if len(page.Reports) < 3 {
		t.Fatalf("%d reports in the queue", len(page.Reports))
	}
	for i, r := range page.Reports[:3] {
		var whole struct{ Text string }
		k.ask("GET", k.desk+"/api/v1/reports/"+r.ID, nil, bearer...).into(t, &whole)
		if strings.Contains(whole.Text, "WIN CASH") {
			t.Errorf("junk stands at place %d of the queue, before what people sent", i+1)
		}
	}
}

func TestAVisitorsAddressAndBrowserLieNowhere(t *testing.T) {
	folder := t.TempDir()
	k := startProcess(t, filepath.Join(folder, "line"), "--behind-proxy", "--flood", "on")
	k.addStaff("amira", "specialist,lead")
	c := &canaries{words: map[string]string{
		"203.0.113.": "an address", "2001:db8:77:": "a long address", "192.0.2.": "an address before the last", "192.0.9.": "another header's address",
	}}
	browser := c.at("the browser's name")
	for _, address := range []string{"203.0.113.77", "2001:db8:77:78::79", "192.0.2.1, 203.0.113.78", "203.0.113.79:4000", "203.0.113.xx"} {
		outside := []string{
			"X-Forwarded-Proto", "https", "X-Forwarded-For", address, "Forwarded", "for=192.0.9.1;proto=https", "X-Real-IP", "192.0.9.2", "X-Client-IP", "192.0.9.3",
			"CF-Connecting-IP", "192.0.9.4", "True-Client-IP", "192.0.9.5", "User-Agent", browser, "Sec-CH-UA", browser, "Sec-CH-UA-Platform", browser,
		}
		for _, path := range []string{"/", "/report", "/status", "/nowhere", "/api/v1/transparency", "/api/v1/nowhere", "/readyz"} {
			k.ask("GET", k.public+path, nil, outside...)
			k.ask("GET", k.desk+path, nil, outside...)
		}
		js := append(slices.Clone(outside), "Content-Type", "application/json")
		for range 40 { // past what is free, so that the network is counted and shed as well
			k.ask("POST", k.public+"/api/v1/reports", `{"text":"`+told+`"}`, js...)
			k.ask("GET", k.public+"/api/v1/status", nil, append(slices.Clone(outside), "Authorization", "Receipt 01234567890123456789")...)
		}
		k.ask("POST", k.public+"/api/v1/reports", `{"text":`, js...)
		k.ask("POST", k.public+"/report", "page=text&go=next&text=x", append(slices.Clone(outside), "Content-Type", "application/x-www-form-urlencoded")...)
		k.ask("POST", k.desk+"/sign-in", "name=amira&passphrase=wrong", append(slices.Clone(outside), "Content-Type", "application/x-www-form-urlencoded")...)
	}
	if shed := k.figures("heed_shed")["heed_shed_total"]; shed < 20 {
		t.Errorf("only %v were shed", shed)
	}
	c.searchBytes(t, "the figures", k.ask("GET", k.desk+"/metrics", nil, "X-Forwarded-Proto", "https").body)
	c.search(t, "while it runs", folder)
	k.kill()
	c.search(t, "after a kill", folder)
	c.searchBytes(t, "the log", []byte(k.logs.String()))
}

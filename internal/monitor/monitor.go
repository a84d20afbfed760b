// Package monitor gives the operator's engineer live figures of the line, for Prometheus.
//
// Figures are counts and durations by route, list and state; never a text, an id, an address or a staff name. It may
// import the root alone.
package monitor

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/heed-line/heed"
)

const (
	countLimit    = 10_000 // a list longer than this is shown as this: counting a million rows at every scrape helps nobody
	scrapeTimeout = 5 * time.Second
)

// Monitor holds one process's figures.
type Monitor struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

// New makes the figures of one process; the lists' lengths are read from the store when they are asked for.
func New(store heed.Store, now func() time.Time) *Monitor {
	return of(&lists{store: store, now: now})
}

// Apart makes the figures of a process that may not read the lists: a portal's or a telephone's by itself. ready says whether its store serves.
func Apart(ready func(context.Context) error) *Monitor { return of(up(ready)) }

// of makes figures, of which some are read from the store.
func of(store prometheus.Collector) *Monitor {
	m := &Monitor{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "heed_http_requests_total", Help: "Requests answered, by face, route and status.",
		}, []string{"face", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "heed_http_request_seconds", Help: "Time to answer, by face and route.",
			Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"face", "route"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), store)
	return m
}

// Handler answers with every figure in Prometheus' text format.
func (m *Monitor) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

// Watch adds a count that somebody else keeps. Counts of one name differ in their labels' values.
func (m *Monitor) Watch(name, help string, labels map[string]string, read func() uint64) {
	m.registry.MustRegister(prometheus.NewCounterFunc(
		prometheus.CounterOpts{Name: name, Help: help, ConstLabels: labels}, func() float64 { return float64(read()) },
	))
}

// Gauge adds a figure that is read when it is asked for.
func (m *Monitor) Gauge(name, help string, value func() float64) {
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value))
}

// Count wraps one face's handler ("portal", "desk") and counts what it answers by the mux's route pattern, which holds no ids.
func (m *Monitor) Count(face string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun := time.Now()
		sw := &statusWriter{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(sw, r)
		route := r.Pattern
		if route == "" {
			route = "other"
		}
		m.requests.WithLabelValues(face, route, strconv.Itoa(sw.status)).Inc()
		m.seconds.WithLabelValues(face, route).Observe(time.Since(begun).Seconds())
	})
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach Flush and the deadlines behind.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// lists collects how many reports stand in each of the desk's lists, and how long the longest has waited unscreened.
type lists struct {
	store heed.Store
	now   func() time.Time
}

var (
	listDesc = prometheus.NewDesc("heed_reports", "Reports in each of the desk's lists, counted up to "+strconv.Itoa(countLimit)+".",
		[]string{"list"}, nil)
	unscreenedDesc = prometheus.NewDesc("heed_unscreened_oldest_seconds", "How long a report has waited to be screened; 0 where there is none.", nil, nil)
	storeDesc      = prometheus.NewDesc("heed_store_up", "1 where the store answers.", nil, nil)
)

// up collects whether the store serves.
type up func(context.Context) error

// Describe implements prometheus.Collector.
func (u up) Describe(ch chan<- *prometheus.Desc) { ch <- storeDesc }

// Collect implements prometheus.Collector.
func (u up) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	serves := 0.0
	if err := u(ctx); err == nil {
		serves = 1
	}
	ch <- prometheus.MustNewConstMetric(storeDesc, prometheus.GaugeValue, serves)
}

// Describe implements prometheus.Collector.
func (l *lists) Describe(ch chan<- *prometheus.Desc) {
	ch <- listDesc
	ch <- unscreenedDesc
	ch <- storeDesc
}

// Collect implements prometheus.Collector.
func (l *lists) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), scrapeTimeout)
	defer cancel()
	counts := map[heed.List]int{}
	oldest := time.Duration(0)
	err := l.store.View(ctx, func(tx heed.Tx) error {
		for _, list := range []heed.List{heed.ListNone, heed.ListReview, heed.ListCopies, heed.ListWaiting, heed.ListApproval, heed.ListAside, heed.ListRefusal, heed.ListReferred} {
			n, err := tx.CountReports(ctx, heed.ReportQuery{List: list}, countLimit)
			if err != nil {
				return err
			}
			counts[list] = n
		}
		waiting, err := tx.Unscreened(ctx, l.now(), 1)
		if len(waiting) > 0 {
			oldest = l.now().Sub(waiting[0].StateSince)
		}
		return err
	})
	if err != nil {
		ch <- prometheus.MustNewConstMetric(storeDesc, prometheus.GaugeValue, 0)
		return
	}
	ch <- prometheus.MustNewConstMetric(storeDesc, prometheus.GaugeValue, 1)
	for list, n := range counts {
		ch <- prometheus.MustNewConstMetric(listDesc, prometheus.GaugeValue, float64(n), string(list))
	}
	ch <- prometheus.MustNewConstMetric(unscreenedDesc, prometheus.GaugeValue, oldest.Seconds())
}

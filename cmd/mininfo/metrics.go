package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mininfo/internal/job"
	"mininfo/internal/store"
)

// metrics is what whoever runs the machine watches. Labels have few values and name no person and
// no case: routes by their pattern, jobs by their kind.
type metrics struct {
	registry *prometheus.Registry
	answers  *prometheus.HistogramVec
	jobs     *prometheus.HistogramVec
}

func newMetrics(p *portal) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		answers: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mininfo_http_answer_seconds", Help: "Answers by route and status, and how long they took.",
			Buckets: []float64{.005, .025, .1, .5, 2, 10},
		}, []string{"method", "route", "status"}),
		jobs: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "mininfo_job_seconds", Help: "Runs of jobs by kind and outcome, and how long they took.",
			Buckets: []float64{.01, .1, 1, 10, 60, 600},
		}, []string{"kind", "outcome"}),
	}
	built := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "mininfo_build_info", Help: "The version that runs."}, []string{"version"})
	built.WithLabelValues(version).Set(1)
	m.registry.MustRegister(m.answers, m.jobs, built, census{p},
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true, http.MethodDelete: true, http.MethodOptions: true,
}

func (m *metrics) answered(method, route string, status int, took time.Duration) {
	if !methods[method] {
		method = "other" // whoever asks makes the method up
	}
	m.answers.WithLabelValues(method, route, strconv.Itoa(status)).Observe(took.Seconds())
}

func (m *metrics) ran(j job.Job, o job.Outcome, took time.Duration) {
	m.jobs.WithLabelValues(j.Kind, string(o)).Observe(took.Seconds())
}

// serve answers at /metrics on a listener of its own until ctx ends: what it tells is for the house.
func (m *metrics) serve(ctx context.Context, listener net.Listener) error {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 2, Timeout: 10 * time.Second}))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 30 * time.Second, MaxHeaderBytes: 16 << 10}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serving the metrics: %w", err)
	}
	return nil
}

// watchAt begins to measure and to tell, when there is a listener for it.
func (p *portal) watchAt(ctx context.Context, listener net.Listener) {
	if listener == nil {
		return
	}
	p.watch = newMetrics(p)
	go func() {
		if err := p.watch.serve(ctx, listener); err != nil {
			p.log.Error("metrics", "error", err)
		}
	}()
}

// listenForMetrics takes the address; nil when none is configured.
func (c *config) listenForMetrics() (net.Listener, error) {
	if c.Metrics == "" {
		return nil, nil
	}
	listener, err := net.Listen("tcp", c.Metrics)
	if err != nil {
		return nil, fmt.Errorf("metrics cannot be served at %s (%w): name another address with --metrics", c.Metrics, errors.Unwrap(err))
	}
	return listener, nil
}

// census counts cases and jobs in the database when it is asked.
type census struct{ *portal }

var (
	casesGauge  = prometheus.NewDesc("mininfo_cases", "Cases that are not closed: open in all, and of them overdue, stopped for a human, waiting for the person.", []string{"what"}, nil)
	jobsGauge   = prometheus.NewDesc("mininfo_jobs", "Jobs: ready or at work, and stopped for a human.", []string{"what"}, nil)
	lagGauge    = prometheus.NewDesc("mininfo_jobs_lag_seconds", "How long the job that should have run first has waited.", nil, nil)
	leavesGauge = prometheus.NewDesc("mininfo_leaves_waiting", "Leaves that are not yet in the log.", nil, nil)
	readyGauge  = prometheus.NewDesc("mininfo_database_up", "Whether the portal's database answers.", nil, nil)
)

// Describe names what is counted.
func (census) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{casesGauge, jobsGauge, lagGauge, leavesGauge, readyGauge} {
		to <- d
	}
}

// Collect counts. While the database does not answer it tells that, and nothing old.
func (c census) Collect(to chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	var counted store.Census
	today, err := c.desk.Today(ctx)
	if err == nil {
		err = c.store.Read(ctx, func(tx *store.Tx) (err error) { counted, err = tx.Census(today); return err })
	}
	if err != nil {
		gauge(readyGauge, 0)
		return
	}
	gauge(readyGauge, 1)
	gauge(casesGauge, float64(counted.CasesOpen), "open")
	gauge(casesGauge, float64(counted.CasesOverdue), "overdue")
	gauge(casesGauge, float64(counted.CasesStopped), "stopped")
	gauge(casesGauge, float64(counted.CasesAwaiting), "awaiting_person")
	gauge(jobsGauge, float64(counted.JobsReady), "ready")
	gauge(jobsGauge, float64(counted.JobsStopped), "stopped")
	gauge(leavesGauge, float64(counted.LeavesWaiting))
	lag := 0.0
	if counted.OldestReady > 0 {
		lag = max(0, now().Sub(store.Instant(counted.OldestReady)).Seconds())
	}
	gauge(lagGauge, lag)
}

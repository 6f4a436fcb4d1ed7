package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type workStats struct {
	Depth          int        `json:"depth"`
	Pending        int        `json:"pending"`
	OldestQueuedAt *time.Time `json:"oldest_queued_at"`
	WorkersPolling int        `json:"workers_polling"`
}

type workItem struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Data struct {
		Type string `json:"type"`
		ID   string `json:"id"`
	} `json:"data"`
	State             string            `json:"state"`
	Metadata          map[string]string `json:"metadata"`
	CreatedAt         time.Time         `json:"created_at"`
	AcknowledgedAt    *time.Time        `json:"acknowledged_at"`
	StartedAt         *time.Time        `json:"started_at"`
	LatestHeartbeatAt *time.Time        `json:"latest_heartbeat_at"`
	StopRequestedAt   *time.Time        `json:"stop_requested_at"`
	StoppedAt         *time.Time        `json:"stopped_at"`
}

type workPage struct {
	Data     []workItem `json:"data"`
	NextPage *string    `json:"next_page"`
}

// connections is how many the exporter, too, may have open.
const connections = 8

var client = http.Client{
	Transport: &http.Transport{MaxConnsPerHost: connections, MaxIdleConnsPerHost: connections, DisableCompression: true},
}

var (
	depth = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "queue_depth"}, []string{"environment"})
	items = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "items"}, []string{"environment", "state"})
)

// poll reads stats and list of each environment at its interval, the reads of the fleet spread evenly over it.
func poll(url string, environments string, interval string) error {
	count, err := strconv.Atoi(environments)
	if err != nil {
		return err
	}
	every, err := time.ParseDuration(interval)
	if err != nil {
		return err
	}
	failed := make(chan error)
	for n := range count {
		go func() {
			time.Sleep(every * time.Duration(n) / time.Duration(count))
			ticker := time.NewTicker(every)
			for ; ; <-ticker.C {
				if err := pollOne(url, fmt.Sprintf("env_01bench%013d", n)); err != nil {
					failed <- err
				}
			}
		}()
	}
	return <-failed
}

func pollOne(base string, id string) error {
	url := base + "/v1/environments/" + id + "/work"
	var stats workStats
	if err := get(url+"/stats", &stats); err != nil {
		return err
	}
	var page workPage
	if err := get(url+"?limit=1000", &page); err != nil {
		return err
	}
	depth.WithLabelValues(id).Set(float64(stats.Depth))
	byState := map[string]int{}
	for _, item := range page.Data {
		byState[item.State]++
	}
	for state, count := range byState {
		items.WithLabelValues(id, state).Set(float64(count))
	}
	return nil
}

func get(url string, value any) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("x-api-key", "key")
	answer, err := client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(value); err != nil {
		return err
	}
	// A connection whose answer is not read to its end is not used again.
	_, err = io.Copy(io.Discard, answer.Body)
	return err
}

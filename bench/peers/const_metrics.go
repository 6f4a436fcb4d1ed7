package main

import (
	"bytes"
	"log"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// known is a number that the exporter keeps between two scrapes.
type known struct {
	desc      *prometheus.Desc
	valueType prometheus.ValueType
	value     float64
	histogram *dto.Histogram
	buckets   map[float64]uint64
	labels    []string
}

// collector makes a const metric of everything it knows at each scrape, as exporters of foreign state in Go do.
type collector struct {
	descs []*prometheus.Desc
	known []known
}

func (c *collector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range c.descs {
		descs <- desc
	}
}

func (c *collector) Collect(metrics chan<- prometheus.Metric) {
	for _, one := range c.known {
		if one.histogram != nil {
			count, sum := one.histogram.GetSampleCount(), one.histogram.GetSampleSum()
			metrics <- prometheus.MustNewConstHistogram(one.desc, count, sum, one.buckets, one.labels...)
			continue
		}
		metrics <- prometheus.MustNewConstMetric(one.desc, one.valueType, one.value, one.labels...)
	}
}

// constMetrics serves the samples of an exposition with client_golang's registry and handler.
func constMetrics(text []byte) http.Handler {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		log.Fatal(err)
	}
	all := &collector{}
	for _, family := range families {
		all.add(family)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(all)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// add learns the samples of a family, all of which have the same label names.
func (c *collector) add(family *dto.MetricFamily) {
	var names []string
	for _, label := range family.GetMetric()[0].GetLabel() {
		names = append(names, label.GetName())
	}
	desc := prometheus.NewDesc(family.GetName(), family.GetHelp(), names, nil)
	c.descs = append(c.descs, desc)
	for _, metric := range family.GetMetric() {
		one := known{desc: desc}
		for _, label := range metric.GetLabel() {
			one.labels = append(one.labels, label.GetValue())
		}
		switch family.GetType() {
		case dto.MetricType_COUNTER:
			one.valueType, one.value = prometheus.CounterValue, metric.GetCounter().GetValue()
		case dto.MetricType_GAUGE:
			one.valueType, one.value = prometheus.GaugeValue, metric.GetGauge().GetValue()
		case dto.MetricType_HISTOGRAM:
			one.histogram, one.buckets = metric.GetHistogram(), map[float64]uint64{}
			for _, bucket := range metric.GetHistogram().GetBucket() {
				one.buckets[bucket.GetUpperBound()] = bucket.GetCumulativeCount()
			}
		default:
			log.Fatalf("%s is a %s", family.GetName(), family.GetType())
		}
		c.known = append(c.known, one)
	}
}

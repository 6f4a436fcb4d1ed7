package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"log"
	"net/http"
	"strings"
	"sync"
)

// metricsStore is the store of kube-state-metrics in small: for each object, the text of each of its families, made
// when the object changes. A scrape only writes what is there, family by family.
type metricsStore struct {
	mutex   sync.RWMutex
	headers [][]byte
	// The blocks of an object, by the place of their family.
	objects map[string][][]byte
}

// store serves the lines of an exposition, grouped by environment.
func store(text []byte) http.Handler {
	kept := &metricsStore{objects: map[string][][]byte{}}
	for _, line := range bytes.SplitAfter(text, []byte("\n")) {
		if len(line) > 0 {
			kept.add(line)
		}
	}
	for id, blocks := range kept.objects {
		for len(blocks) < len(kept.headers) {
			blocks = append(blocks, nil)
		}
		kept.objects[id] = blocks
	}
	return kept
}

func (s *metricsStore) add(line []byte) {
	if bytes.HasPrefix(line, []byte("# HELP ")) {
		s.headers = append(s.headers, nil)
	}
	family := len(s.headers) - 1
	if line[0] == '#' {
		s.headers[family] = append(s.headers[family], line...)
		return
	}
	id := environmentOf(line)
	blocks := s.objects[id]
	for len(blocks) <= family {
		blocks = append(blocks, nil)
	}
	blocks[family] = append(blocks[family], line...)
	s.objects[id] = blocks
}

func environmentOf(line []byte) string {
	_, rest, found := strings.Cut(string(line), `environment_id="`)
	if !found {
		log.Fatalf("no environment in %s", line)
	}
	id, _, _ := strings.Cut(rest, `"`)
	return id
}

func (s *metricsStore) writeAll(writer io.Writer) {
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	for family, header := range s.headers {
		_, _ = writer.Write(header)
		for _, blocks := range s.objects {
			_, _ = writer.Write(blocks[family])
		}
	}
}

func (s *metricsStore) ServeHTTP(writer http.ResponseWriter, request *http.Request) {
	writer.Header().Set("Content-Type", "text/plain; version=0.0.4")
	if request.Header.Get("Accept-Encoding") != "gzip" {
		s.writeAll(writer)
		return
	}
	writer.Header().Set("Content-Encoding", "gzip")
	// kube-state-metrics takes the default level, at three times the cost. The exporter's is the fairer one.
	packed, _ := gzip.NewWriterLevel(writer, gzip.BestSpeed)
	s.writeAll(packed)
	_ = packed.Close()
}

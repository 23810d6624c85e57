// SPDX-License-Identifier: Apache-2.0

// A web server under load. Its handlers fight over one mutex, one of them sleeps within the request.
package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"programs/traced"
)

const (
	clients           = 6
	requestsEach      = 8
	reservation       = 100 * time.Microsecond
	slowEvery         = 5
	slowness          = 2 * time.Millisecond
	largestReplyBytes = 1 << 16
)

type shop struct {
	mutex  sync.Mutex
	orders map[string]int
}

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

func (s *shop) reserve(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	s.orders[r.URL.Query().Get("item")]++
	spin(reservation)
	s.mutex.Unlock()
	traced.Must(json.NewEncoder(w).Encode(map[string]any{"reserved": true, "item": r.URL.Query().Get("item")}))
}

func (s *shop) audit(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(slowness)
	s.mutex.Lock()
	defer s.mutex.Unlock()
	traced.Must(json.NewEncoder(w).Encode(s.orders))
}

func client(base string, requests int) {
	for i := range requests {
		path := "/reserve?item=" + string(rune('a'+i%16))
		if i%slowEvery == slowEvery-1 {
			path = "/audit"
		}
		reply, err := http.Get(base + path)
		traced.Must(err)
		_, err = io.Copy(io.Discard, io.LimitReader(reply.Body, largestReplyBytes))
		traced.Must(err)
		traced.Must(reply.Body.Close())
	}
}

func main() {
	stop := traced.Start()
	defer stop()
	shop := &shop{orders: map[string]int{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/reserve", shop.reserve)
	mux.HandleFunc("/audit", shop.audit)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	traced.Must(err)
	server := &http.Server{Handler: mux}
	go server.Serve(listener)
	var done sync.WaitGroup
	for range clients {
		done.Add(1)
		go func() {
			defer done.Done()
			client("http://"+listener.Addr().String(), requestsEach*traced.Size())
		}()
	}
	done.Wait()
	traced.Must(server.Shutdown(context.Background()))
}

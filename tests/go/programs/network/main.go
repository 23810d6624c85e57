// SPDX-License-Identifier: Apache-2.0

// Sockets of all kinds over the loopback: goroutines that wait for the network poller, some until a deadline.
package main

import (
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"programs/traced"
)

const (
	clients  = 4
	messages = 15
)

func echo(listener net.Listener) {
	for {
		connection, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		traced.Must(err)
		go func() {
			defer connection.Close()
			io.Copy(connection, connection)
		}()
	}
}

func talk(network, address string, n int) {
	connection, err := net.Dial(network, address)
	traced.Must(err)
	defer connection.Close()
	message := make([]byte, 64)
	for range n {
		_, err = connection.Write(message)
		traced.Must(err)
		_, err = io.ReadFull(connection, message)
		traced.Must(err)
	}
	traced.Must(connection.SetReadDeadline(time.Now().Add(time.Millisecond)))
	if _, err = connection.Read(message); !errors.Is(err, os.ErrDeadlineExceeded) {
		traced.Must(errors.New("the deadline passed unseen"))
	}
}

func serve(network, address string) net.Listener {
	listener, err := net.Listen(network, address)
	traced.Must(err)
	go echo(listener)
	return listener
}

func datagrams(n int) {
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	traced.Must(err)
	defer server.Close()
	go func() {
		message := make([]byte, 64)
		for {
			size, from, err := server.ReadFrom(message)
			if err != nil {
				return
			}
			server.WriteTo(message[:size], from)
		}
	}()
	client, err := net.Dial("udp", server.LocalAddr().String())
	traced.Must(err)
	defer client.Close()
	message := make([]byte, 64)
	for range n {
		_, err = client.Write(message)
		traced.Must(err)
		_, err = client.Read(message)
		traced.Must(err)
	}
}

func main() {
	folder, err := os.MkdirTemp("", "tickbird-test.")
	traced.Must(err)
	defer os.RemoveAll(folder)
	// Accepts since before the trace began.
	early := serve("unix", filepath.Join(folder, "socket"))
	stop := traced.Start()
	defer stop()
	late := serve("tcp", "127.0.0.1:0")
	n := messages * traced.Size()
	var done sync.WaitGroup
	for _, listener := range []net.Listener{early, late} {
		for range clients {
			done.Add(1)
			go func() {
				defer done.Done()
				talk(listener.Addr().Network(), listener.Addr().String(), n)
			}()
		}
	}
	datagrams(n)
	done.Wait()
	late.Close()
	early.Close()
}

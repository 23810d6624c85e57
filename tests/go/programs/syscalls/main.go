// SPDX-License-Identifier: Apache-2.0

// System calls, short ones that keep their P and long ones that lose it: files, children, raw pipes. One goroutine is in
// a call since before the trace began, and one still is when it ends.
package main

import (
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"programs/traced"
)

const rounds = 20

type pipe struct{ output, input int }

func newPipe() pipe {
	var ends [2]int
	traced.Must(syscall.Pipe(ends[:]))
	return pipe{ends[0], ends[1]}
}

// Blocks the thread: the runtime knows nothing of the descriptor.
func (p pipe) read() {
	_, err := syscall.Read(p.output, make([]byte, 1))
	traced.Must(err)
}

func (p pipe) write() {
	_, err := syscall.Write(p.input, []byte{1})
	traced.Must(err)
}

func files(n int) {
	file, err := os.CreateTemp("", "tickbird-test.")
	traced.Must(err)
	defer os.Remove(file.Name())
	defer file.Close()
	block := make([]byte, 512)
	for i := range n {
		_, err = file.WriteAt(block, int64(i)*512)
		traced.Must(err)
		_, err = file.ReadAt(block, int64(i)*512)
		traced.Must(err)
	}
	traced.Must(file.Sync())
}

func threadSleeps(n int) {
	for range n {
		request := syscall.NsecToTimespec((2 * time.Millisecond).Nanoseconds())
		syscall.Nanosleep(&request, nil)
	}
}

func children(n int) {
	for range n {
		traced.Must(exec.Command("/bin/true").Run())
	}
}

func waitUntilBlocked() {
	// The scheduler's watchdog takes the P away from a call after 10 ms at the latest.
	time.Sleep(20 * time.Millisecond)
}

func main() {
	before, after, ping, pong := newPipe(), newPipe(), newPipe(), newPipe()
	var done sync.WaitGroup
	inBackground := func(story func()) {
		done.Add(1)
		go func() {
			defer done.Done()
			story()
		}()
	}
	inBackground(before.read)
	waitUntilBlocked()
	stop := traced.Start()
	go after.read()
	n := rounds * traced.Size()
	inBackground(func() { files(4 * n) })
	inBackground(func() { threadSleeps(n) })
	inBackground(func() { children(n / 10) })
	inBackground(func() {
		for range n {
			ping.read()
			pong.write()
		}
	})
	for range n {
		ping.write()
		pong.read()
	}
	before.write()
	done.Wait()
	waitUntilBlocked()
	stop()
	after.write()
}

package process_test

import (
	"runtime"
	"sync"
)

// endThreads ends threads of this process: one does that was locked by a goroutine which ends.
func endThreads() {
	var running sync.WaitGroup
	for range 64 {
		running.Go(runtime.LockOSThread)
	}
	running.Wait()
}

package throttle

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// maxEntries bounds the counts in memory, to about 15 MB.
const maxEntries = 100_000

// monotonic returns a clock that nobody can set.
func monotonic() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// memory keeps counts in this process. Those whose time has come are as good as absent and go with the next request.
type memory struct {
	now func() time.Duration
	max int

	mu      sync.Mutex
	entries map[id]*entry
	queue   queue
}

type entry struct {
	key     id
	arrival time.Duration
	index   int // in the queue
}

func newMemory(now func() time.Duration, limit int) *memory {
	return &memory{now: now, max: limit, entries: map[id]*entry{}}
}

func (m *memory) take(ctx context.Context, key id, c cost) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	m.expire(now)
	e, known := m.entries[key]
	if !known {
		e = &entry{key: key}
	}
	next, result := c.decide(now, e.arrival)
	e.arrival = next
	if known {
		heap.Fix(&m.queue, e.index)
		return result, nil
	}
	if len(m.queue) >= m.max {
		m.drop()
	}
	m.entries[key] = e
	heap.Push(&m.queue, e)
	return result, nil
}

func (m *memory) peek(ctx context.Context, key id, c cost) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var arrival time.Duration
	if e, known := m.entries[key]; known {
		arrival = e.arrival
	}
	_, result := c.decide(m.now(), arrival)
	return result.uncounted(), nil
}

func (m *memory) reset(ctx context.Context, key id) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if e, known := m.entries[key]; known {
		heap.Remove(&m.queue, e.index)
		delete(m.entries, key)
	}
	return nil
}

// expire drops what has no effect any more.
func (m *memory) expire(now time.Duration) {
	for len(m.queue) > 0 && m.queue[0].arrival <= now {
		m.drop()
	}
}

// drop forgets the entry with the least time to go.
func (m *memory) drop() {
	e, _ := heap.Pop(&m.queue).(*entry)
	delete(m.entries, e.key)
}

// uncounted is the result before the request that it has counted.
func (r Result) uncounted() Result {
	if r.Allowed {
		r.Remaining++
	}
	return r
}

// queue orders entries by their time; it is a container/heap.
type queue []*entry

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].arrival < q[j].arrival }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *queue) Push(x any) {
	e, _ := x.(*entry)
	e.index = len(*q)
	*q = append(*q, e)
}

func (q *queue) Pop() any {
	last := len(*q) - 1
	e := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return e
}

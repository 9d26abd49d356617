package api

import "sync"

// inParallel runs a and b at the same time and waits for both, so that nobody wipes what one of them
// still uses. If both fail it returns a's error. If either panics, it panics.
func inParallel[A, B any](a func() (A, error), b func() (B, error)) (A, B, error) {
	type outcome struct {
		value B
		err   error
		panic any
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() { done <- o }()
		defer func() { o.panic = recover() }()
		o.value, o.err = b()
	}()
	valueA, errA := a()
	o := <-done
	if o.panic != nil {
		panic(o.panic)
	}
	if errA != nil {
		return valueA, o.value, errA
	}
	return valueA, o.value, o.err
}

// eachInParallel calls do for each item, atOnce at a time, and returns what it returned, in their order. After
// an error no more calls are begun. It waits for all that are under way, and returns one of their errors. If a
// call panics, it panics.
func eachInParallel[T, R any](items []T, atOnce int, do func(T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	var mu sync.Mutex
	var next int
	var failed error
	var panicked any
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		i := next
		next++
		return i, i < len(items) && failed == nil && panicked == nil
	}
	one := func(i int) {
		var err error
		defer func() {
			p := recover()
			mu.Lock()
			defer mu.Unlock()
			if p != nil {
				panicked = p
			}
			if failed == nil {
				failed = err
			}
		}()
		results[i], err = do(items[i])
	}
	var all sync.WaitGroup
	for range min(atOnce, len(items)) {
		all.Go(func() {
			for i, ok := take(); ok; i, ok = take() {
				one(i)
			}
		})
	}
	all.Wait()
	if panicked != nil {
		panic(panicked)
	}
	return results, failed
}

package api

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

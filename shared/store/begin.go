package store

import "keepsake/shared/fault"

// begin starts f and returns a function that waits for its result. If f panics, that is an error.
func begin[T any](f func() (T, error)) (wait func() (T, error)) {
	var out T
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if r := recover(); r != nil {
				err = fault.Panic(r)
			}
		}()
		out, err = f()
	}()
	return func() (T, error) {
		<-done
		return out, err
	}
}

package api

import (
	"errors"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

func TestItemsAreDoneSideBySideButNoMoreThanAskedForAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		items := []int{0, 1, 2, 3, 4, 5, 6}
		var begun atomic.Int32
		release := make(chan struct{})
		var squares []int
		var err error
		go func() {
			squares, err = eachInParallel(items, 3, func(n int) (int, error) {
				begun.Add(1)
				<-release
				return n * n, nil
			})
		}()
		for _, want := range []int32{3, 4, 5, 6, 7, 7, 7} {
			synctest.Wait()
			if got := begun.Load(); got != want {
				t.Errorf("%d are begun, want %d", got, want)
			}
			release <- struct{}{}
		}
		synctest.Wait()
		if err != nil || !slices.Equal(squares, []int{0, 1, 4, 9, 16, 25, 36}) {
			t.Errorf("%v, %v", squares, err)
		}
	})
}

func TestAfterAnErrorNoMoreItemsAreBegun(t *testing.T) {
	failure := errors.New("no")
	begun := 0
	_, err := eachInParallel([]int{0, 1, 2, 3}, 1, func(n int) (int, error) {
		if begun++; n == 1 {
			return 0, failure
		}
		return n, nil
	})
	if !errors.Is(err, failure) || begun != 2 {
		t.Errorf("%d are begun, error %v", begun, err)
	}
}

func TestAPanicOfOneItemIsThatOfTheCaller(t *testing.T) {
	defer func() {
		if p := recover(); p != "no" {
			t.Errorf("it panicked with %v", p)
		}
	}()
	eachInParallel([]int{0, 1, 2}, 2, func(n int) (int, error) { panic("no") })
	t.Error("it returned")
}

package main

import (
	"fmt"
	"os"
	"strconv"
)

// sizes are how much is measured if the environment does not say otherwise.
var sizes = map[string]int{
	"ROUNDS": 31,      // of warm calls
	"CALLS":  40,      // in a round
	"STARTS": 9,       // of new processes
	"ROWS":   100_000, // of the largest table; a million takes four to ten minutes to write
}

// size returns one of the sizes. checkSizes has checked it.
func size(name string) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return sizes[name]
}

// checkSizes returns an error if a size in the environment is not a whole number from 1 on.
func checkSizes(getenv func(string) string) error {
	for name := range sizes {
		text := getenv(name)
		if n, err := strconv.Atoi(text); text != "" && (err != nil || n < 1) {
			return fmt.Errorf("%s: %q is not a whole number from 1 on", name, text)
		}
	}
	return nil
}

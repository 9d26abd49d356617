//go:build !linux

package main

// endWithParent does nothing: only Linux signals a process when its parent dies.
func endWithParent() {}

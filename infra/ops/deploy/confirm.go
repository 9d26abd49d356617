package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// console is where the person sits who deploys.
type console struct {
	in       io.Reader
	out      io.Writer
	terminal bool // somebody can answer
}

var errAtStake = errors.New("YES=1 does not go on if a table or a key would be replaced or removed: deploy from a terminal, without YES")

// confirm asks whether to go on. If data is at stake, YES=1 is not enough, and the answer is the stack's name.
func (c console) confirm(ctx context.Context, s settings, set changeSet) (goOn bool, err error) {
	question, answer := "Deploy this change set? [y/N] ", "y"
	if len(set.losses()) > 0 {
		if s.yes {
			return false, errAtStake
		}
		question, answer = "Type the stack's name to deploy this change set all the same: ", s.stack
	}
	if s.yes {
		return true, nil
	}
	_, _ = fmt.Fprint(c.out, question)
	line, err := c.line(ctx)
	return strings.TrimSpace(line) == answer, err
}

// line reads a line, and gives up after a Ctrl-C.
func (c console) line(ctx context.Context) (string, error) {
	read := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(c.in).ReadString('\n') // what is cut short is no answer
		read <- line
	}()
	select {
	case line := <-read:
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

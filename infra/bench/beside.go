package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"keepsake/infra/bench/page"
	"keepsake/infra/cloud/host"
)

// besideRequests is how many requests of each kind a server gets.
const besideRequests = 200

// rival is another secrets server, as a process on this machine.
type rival struct {
	name    string
	header  http.Header
	command func(ctx context.Context, address, folder string) (*exec.Cmd, error)
	// requests are what is measured, in this order, for besideRequests secrets each.
	requests []rivalRequest
}

// rivalRequest is one kind of request; {n} is the number of the secret.
type rivalRequest struct {
	what               page.Deed
	method, path, body string
}

// measureBeside measures each rival that can be fetched. notes says which cannot.
func measureBeside(ctx context.Context, root, folder string) (all []page.Beside, notes []string) {
	for _, r := range []rival{setec(root), openBao(root)} {
		b, err := r.measure(ctx, folder)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s is left out: %v.", r.name, err))
			continue
		}
		all = append(all, b)
	}
	return all, notes
}

func (r rival) measure(ctx context.Context, folder string) (b page.Beside, err error) {
	scratch, err := os.MkdirTemp(folder, "beside")
	if err != nil {
		return b, err
	}
	defer os.RemoveAll(scratch)
	address, err := freeAddress()
	if err != nil {
		return b, err
	}
	command, err := r.command(ctx, address, scratch)
	if err != nil {
		return b, err
	}
	child, err := host.Start(command, nil)
	if err != nil {
		return b, err
	}
	defer child.Stop(time.Second)
	if err := listening(ctx, child, "http://"+address); err != nil {
		return b, err
	}
	b = page.Beside{Name: r.name, Microseconds: map[page.Deed]float64{}}
	for _, request := range r.requests {
		took, err := r.send(ctx, request, "http://"+address, child.PID())
		if err != nil {
			return b, fmt.Errorf("%s: %w", request.what, err)
		}
		b.Microseconds[request.what] = float64(took.Nanoseconds()) / 1000
	}
	b.Memory, err = peakMemory(child.PID())
	return b, err
}

// listening returns when the server responds.
func listening(ctx context.Context, child *host.Child, url string) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return host.Poll(ctx, 50*time.Millisecond, func() (bool, error) {
		if !child.Alive() {
			return false, fmt.Errorf("it ended: %w", errors.Join(child.Err()))
		}
		response, err := http.Get(url)
		if err == nil {
			_ = response.Body.Close()
		}
		return err == nil, nil
	})
}

// send sends the request for each secret, and returns the processor time of one.
func (r rival) send(ctx context.Context, request rivalRequest, url string, pid int) (time.Duration, error) {
	before, err := processorTime(pid)
	if err != nil {
		return 0, err
	}
	for i := range besideRequests {
		if err := r.once(ctx, request, url, i); err != nil {
			return 0, err
		}
	}
	after, err := processorTime(pid)
	return (after - before) / besideRequests, err
}

func (r rival) once(ctx context.Context, request rivalRequest, url string, i int) error {
	numbered := strings.NewReplacer("{n}", strconv.Itoa(i))
	body := strings.NewReader(numbered.Replace(request.body))
	one, err := http.NewRequestWithContext(ctx, request.method, url+numbered.Replace(request.path), body)
	if err != nil {
		return err
	}
	one.Header = r.header.Clone()
	response, err := http.DefaultClient.Do(one)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s: %s", response.Status, content)
	}
	return err
}

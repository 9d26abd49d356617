package main

import (
	"fmt"
	"strings"
	"time"

	"keepsake/infra/bench/count"
	"keepsake/infra/bench/page"
	"keepsake/infra/bench/replay"
	"keepsake/infra/bench/stage"
)

// recordAll records the contract's operations.
func recordAll(s *stage.Stage) ([]*replay.Recording, error) {
	var all []*replay.Recording
	for _, c := range count.Cases {
		if !c.Plain {
			continue
		}
		if _, err := s.Call(c.Function, stage.Request{ID: "sec_none", Vid: "latest"}); err != nil {
			return nil, err
		}
		r, err := replay.Record(s, c)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// contender is one of the processes that are compared.
type contender struct {
	*stage.Process
	want    string // of each result
	perCall []time.Duration
	fresh   int // peak memory before the first call, in bytes

}

// contenders starts the function, bare and hello.
func contenders(s *stage.Stage, r *replay.Recording, variables ...string) (all [3]*contender, err error) {
	status := fmt.Sprintf(`"statusCode":%d`, r.Case.Status)
	for i, program := range []string{r.Case.Function, stage.Bare, stage.Hello} {
		all[i] = &contender{want: status}
		if program == stage.Hello {
			all[i].want = `"statusCode":200`
		}
		if all[i].Process, err = s.StartAs(program, r.Case.Function, append(variables, "TAPE="+r.Tape)...); err != nil {
			return all, err
		}
		if all[i].fresh, err = peakMemory(all[i].PID()); err != nil {
			return all, err
		}
	}
	return all, nil
}

// call makes n calls and returns the processor time that one took.
func (c *contender) call(event []byte, n int) (time.Duration, error) {
	before, err := processorTime(c.PID())
	if err != nil {
		return 0, err
	}
	for range n {
		result, err := c.Invoke(event)
		if err != nil {
			return 0, err
		}
		if !strings.Contains(string(result), c.want) {
			return 0, fmt.Errorf("want %s: %s", c.want, result)
		}
	}
	after, err := processorTime(c.PID())
	return (after - before) / time.Duration(n), err
}

// measureWarm compares each function with bare and hello, in rounds that alternate.
func measureWarm(s *stage.Stage, recordings []*replay.Recording) ([]page.Warm, error) {
	replay.Play(s, recordings)
	defer s.Around(nil)
	var all []page.Warm
	for _, r := range recordings {
		w, err := warmOne(s, r)
		if err != nil {
			return nil, fmt.Errorf("warm %s: %w", r.Case.Name, err)
		}
		all = append(all, w)
	}
	return all, nil
}

func warmOne(s *stage.Stage, r *replay.Recording) (w page.Warm, err error) {
	rounds, calls := size("ROUNDS"), size("CALLS")
	three, err := contenders(s, r)
	for _, c := range three {
		if c != nil && c.Process != nil {
			defer c.Kill()
		}
	}
	if err != nil {
		return w, err
	}
	for round := range rounds + 1 {
		for i := range three {
			c := three[(i+round)%len(three)]
			took, err := c.call(r.Event, calls)
			if err != nil {
				return w, err
			}
			if round > 0 { // the first only warms up
				c.perCall = append(c.perCall, took)
			}
		}
	}
	product, bare, hello := three[0], three[1], three[2]
	w = page.Warm{Operation: r.Case.Name, Ratio: page.MedianRatio(product.perCall, bare.perCall), Net: page.MedianRatio(less(product.perCall, hello.perCall), less(bare.perCall, hello.perCall))}
	w.Low, w.High = page.Quartiles(product.perCall, bare.perCall)
	w.Microseconds = float64(page.Median(product.perCall).Nanoseconds()) / 1000
	for i, c := range three {
		peak, err := peakMemory(c.PID())
		if err != nil {
			return w, err
		}
		w.Memory[i] = page.Memory{Fresh: c.fresh, Warm: peak}
	}
	return w, nil
}

// less subtracts pair by pair.
func less(from, what []time.Duration) []time.Duration {
	out := make([]time.Duration, len(from))
	for i := range from {
		out[i] = from[i] - what[i]
	}
	return out
}

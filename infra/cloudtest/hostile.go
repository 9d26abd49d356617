package cloudtest

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"keepsake/infra/cloud/engine"
	"keepsake/infra/cloud/tables"
	"keepsake/infra/cloudtest/hostile"
	"keepsake/infra/template"
)

// Settle makes global indexes, and reads without ConsistentRead, show all that has been written so far.
// On AWS that takes about a second: call Settle if a test looks there for what it has just written.
func (c *Cloud) Settle() {
	if c.hostile != nil {
		c.hostile.Settle()
	}
}

// DuringTransactions calls f in the middle of each transaction from now on. At first none of the
// transaction's rows is visible; each read of them, unless it is a transaction, makes one more visible.
// nil: call nothing.
func (c *Cloud) DuringTransactions(f func()) {
	if c.hostile != nil {
		c.hostile.During(f)
	}
}

// StopFaults stops the faults of WithFaults, for the part of a test that checks the outcome.
func (c *Cloud) StopFaults() { c.faults.Stop() }

// StartFaults starts them again.
func (c *Cloud) StartFaults() { c.faults.Start() }

// Drain returns when no call is under way, not even one that arrives late or whose caller has given up.
func (c *Cloud) Drain() { c.proxy.Drain() }

// beHostile puts the hostility into the proxy. If the test fails, its log has the seed.
func (c *Cloud) beHostile() {
	if given, err := strconv.ParseUint(os.Getenv("HOSTILE_SEED"), 10, 64); err == nil && c.seed == 0 {
		c.seed = given
	}
	if c.seed == 0 {
		c.seed = rand.Uint64()
	}
	if c.failing {
		c.faults = hostile.NewFaults(c.seed)
	}
	if !c.calm {
		c.hostile = hostile.New(hostile.Config{Engine: c.engine.URL(), Replica: c.startReplica, Tables: c.template.Tables, Seed: c.seed})
		c.proxy.Use(c.hostile.Around)
	}
	c.t.Cleanup(func() {
		if c.t.Failed() && (c.failing || !c.calm) {
			c.t.Logf("DynamoDB was hostile: HOSTILE_SEED=%d repeats it, HOSTILE=off turns it off", c.seed)
		}
	})
}

// startReplica starts a second engine with the same tables. It ends with the test.
func (c *Cloud) startReplica() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	e, err := c.startEngine(ctx)
	if err != nil {
		return "", err
	}
	config := c.Config()
	config.BaseEndpoint = aws.String(e.URL())
	silent := *c.template
	silent.Tables = withoutStreams(silent.Tables)
	return e.URL(), tables.Create(ctx, dynamodb.NewFromConfig(config), &silent)
}

func (c *Cloud) startEngine(ctx context.Context) (*engine.Engine, error) {
	binary, err := engine.Find(filepath.Join(c.root, ".local", "engine"))
	if err != nil {
		return nil, errNoEngine(err)
	}
	e, err := engine.Start(ctx, engine.Config{Binary: binary})
	if err == nil {
		c.mu.Lock()
		c.engines = append(c.engines, e)
		c.mu.Unlock()
	}
	return e, err
}

// stopEngines stops all engines. A read may have started one in the middle of the test.
func (c *Cloud) stopEngines() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, e := range c.engines {
		e.Stop()
	}
}

func withoutStreams(all []template.Table) []template.Table {
	all = slices.Clone(all)
	for i := range all {
		all[i].Stream.View = ""
	}
	return all
}

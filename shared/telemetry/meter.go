package telemetry

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// meter counts one invocation's calls of AWS, by service. A call is a request that went out, so
// a retry is another call, as it is for billing and throttling; its time is the wait for the
// response. The times of concurrent calls add up to more than has passed.
type meter struct {
	mu    sync.Mutex
	usage map[string]usage
}

// usage is the calls of one service.
type usage struct {
	calls int
	took  time.Duration
}

// kmsService is the SDK's name for KMS.
const kmsService = "KMS"

type meterKey struct{}

func withMeter(ctx context.Context) (context.Context, *meter) {
	m := &meter{usage: make(map[string]usage, 2)}
	return context.WithValue(ctx, meterKey{}, m), m
}

func (m *meter) note(service string, took time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	u := m.usage[service]
	m.usage[service] = usage{u.calls + 1, u.took + took}
}

func (m *meter) calls(service string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.usage[service].calls
}

// attrs returns two log fields for each service called, such as dynamodb_calls and dynamodb_ms. KMS has
// only the time: its calls are the metric KmsCalls.
func (m *meter) attrs() []slog.Attr {
	m.mu.Lock()
	defer m.mu.Unlock()
	attrs := make([]slog.Attr, 0, 2*len(m.usage))
	for _, service := range slices.Sorted(maps.Keys(m.usage)) {
		stem, u := strings.ToLower(service), m.usage[service]
		if service != kmsService {
			attrs = append(attrs, slog.Int(stem+"_calls", u.calls))
		}
		attrs = append(attrs, slog.Int64(stem+"_ms", u.took.Milliseconds()))
	}
	return attrs
}

// Measure makes clients report each request to the meter in the call's context. Add it to a
// configuration's APIOptions; the code that makes the calls need not know.
func Measure(stack *middleware.Stack) error {
	return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Measure", measure), middleware.Before)
}

// measure is the outermost part of the step that each retry repeats.
func measure(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (
	middleware.DeserializeOutput, middleware.Metadata, error,
) {
	m, metered := ctx.Value(meterKey{}).(*meter)
	if !metered {
		return next.HandleDeserialize(ctx, in)
	}
	begun := time.Now()
	defer func() { m.note(awsmiddleware.GetServiceID(ctx), time.Since(begun)) }()
	return next.HandleDeserialize(ctx, in)
}

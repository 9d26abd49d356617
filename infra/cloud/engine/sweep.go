package engine

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"

	"keepsake/infra/cloud/host"
)

const (
	tokenVariable = "DYNOXIDE_MCP_AUTH_TOKEN"
	maxToolAnswer = 1 << 16
	// patienceForTools is how long the engine's tools may come up after its data side has. They never
	// do if their port was taken meanwhile: unlike a taken data port, that does not end the engine.
	patienceForTools = 5 * time.Second
)

// tools is the engine's MCP side, which does on request what its DynamoDB side never does by itself.
type tools struct{ url, token string }

func newTools(port int) tools {
	return tools{url: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/mcp", token: rand.Text()}
}

// SweepTTL deletes every row whose time to live is over, in all tables that have one. To their
// streams it is DynamoDB that has done it. The engine looks at each row of such a table: count some
// ten milliseconds for a thousand of them.
func (e *Engine) SweepTTL(ctx context.Context) error {
	params := map[string]any{"name": "sweep_ttl", "arguments": map[string]any{}}
	if err := e.tools.call(ctx, "tools/call", params); err != nil {
		return fmt.Errorf("sweep expired rows: %w", err)
	}
	return nil
}

// call sends one JSON-RPC request. The engine keeps no sessions and wants no handshake.
func (t tools) call(ctx context.Context, method string, params any) error {
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, t.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+t.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json, text/event-stream") // it insists on both
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxToolAnswer))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, answer)
	}
	if err != nil {
		return err
	}
	return toolError(answer)
}

func toolError(answer []byte) error {
	var said struct {
		Result *struct {
			IsError bool `json:"isError"`
		} `json:"result"`
	}
	if err := json.Unmarshal(answer, &said); err != nil || said.Result == nil || said.Result.IsError {
		return fmt.Errorf("the engine answers %s", answer)
	}
	return nil
}

// awaitTools returns once the tools answer to the engine's own token.
func (e *Engine) awaitTools(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patienceForTools, fmt.Errorf("%w: its tools do not answer", errNotUp))
	defer cancel()
	return host.Poll(ctx, pollInterval, func() (bool, error) {
		err := e.tools.call(ctx, "ping", map[string]any{})
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) && ctx.Err() == nil {
			return false, fmt.Errorf("%w: another process has its tools' port: %w", errNotUp, err)
		}
		return err == nil, nil
	})
}

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
	tokenVariable   = "DYNOXIDE_MCP_AUTH_TOKEN"
	maxToolResponse = 1 << 16
	// toolsTime is how long the engine's tools may take to start after its data side has. They never do
	// if another process has taken their port: unlike a taken data port, that does not end the engine.
	toolsTime = 5 * time.Second
)

// tools is the engine's MCP side. It sweeps on request; the DynamoDB side never does.
type tools struct{ url, token string }

func newTools(port int) tools {
	return tools{url: "http://" + net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) + "/mcp", token: rand.Text()}
}

// SweepTTL deletes every expired row, in all tables with a time to live. In their streams DynamoDB is
// the one who deleted it. The engine reads each row of such a table: a thousand rows take some ten
// milliseconds.
func (e *Engine) SweepTTL(ctx context.Context) error {
	params := map[string]any{"name": "sweep_ttl", "arguments": map[string]any{}}
	if err := e.tools.call(ctx, "tools/call", params); err != nil {
		return fmt.Errorf("sweep expired rows: %w", err)
	}
	return nil
}

// call sends one JSON-RPC request. The engine has no sessions and needs no handshake.
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
	request.Header.Set("Accept", "application/json, text/event-stream") // the engine requires both
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(io.LimitReader(response.Body, maxToolResponse))
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, content)
	}
	if err != nil {
		return err
	}
	return toolError(content)
}

// toolError returns an error unless the response says that the tool has done its work.
func toolError(content []byte) error {
	var response struct {
		Result *struct {
			IsError bool `json:"isError"`
		} `json:"result"`
	}
	if err := json.Unmarshal(content, &response); err != nil || response.Result == nil || response.Result.IsError {
		return fmt.Errorf("the engine returned %s", content)
	}
	return nil
}

// awaitTools returns when the tools accept the engine's own token.
func (e *Engine) awaitTools(ctx context.Context) error {
	ctx, cancel := context.WithTimeoutCause(ctx, toolsTime, fmt.Errorf("%w: its tools do not respond", errNotUp))
	defer cancel()
	return host.Poll(ctx, pollInterval, func() (bool, error) {
		err := e.tools.call(ctx, "ping", map[string]any{})
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) && ctx.Err() == nil {
			return false, fmt.Errorf("%w: another process has its tools' port: %w", errNotUp, err)
		}
		return err == nil, nil
	})
}

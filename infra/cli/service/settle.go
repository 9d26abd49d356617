package service

import (
	"context"
	"slices"
	"time"

	"keepsake/infra/cli/client"
)

// Lists lag behind what was done by a second or so. A command that changes a name waits until the lists show it, so
// that the next command finds what this one left.
const (
	settleStep  = 250 * time.Millisecond
	settleSteps = 20
)

// SettleActive waits until the list by name shows the secret. It gives up after five seconds, or if it may not list.
func (s *Service) SettleActive(ctx context.Context, name, id string) {
	s.settle(ctx, func() (bool, error) {
		all, err := s.Named(ctx, name)
		return slices.ContainsFunc(all, func(each client.Secret) bool { return each.Id == id }), err
	})
}

// SettleDeleted waits until the secret is out of the list by name, and in the trash.
func (s *Service) SettleDeleted(ctx context.Context, name, id string) {
	s.settle(ctx, func() (bool, error) {
		active, err := s.Named(ctx, name)
		if err != nil || slices.ContainsFunc(active, func(each client.Secret) bool { return each.Id == id }) {
			return false, err
		}
		trash, err := s.Trash(ctx, name)
		return slices.ContainsFunc(trash, func(each client.TrashedSecret) bool { return each.Id == id }), err
	})
}

func (s *Service) settle(ctx context.Context, done func() (bool, error)) {
	for range settleSteps {
		if ok, err := done(); ok || err != nil {
			return
		}
		if s.wait(ctx, settleStep) != nil {
			return
		}
	}
}

package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/client"
	"keepsake/infra/cli/service"
)

// completionTime is how long the shell waits for names at most.
const completionTime = 2 * time.Second

// completion returns what a shell completes an argument with. If the names cannot be had soon, it is nothing.
func completion(a *app, names func(context.Context, *service.Service, string) []string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begin string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		s, err := a.service(func(c *service.Config) { c.Once, c.Tell = true, nil })
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(context.Background(), completionTime)
		defer cancel()
		return names(ctx, s, begin), cobra.ShellCompDirectiveNoFileComp
	}
}

func completeNames(a *app) cobra.CompletionFunc {
	return completion(a, func(ctx context.Context, s *service.Service, begin string) []string {
		var params client.SecretsListParams
		if begin != "" {
			params.NamePrefix = &begin
		}
		all, _ := s.List(ctx, params)
		var names []string
		for _, each := range all {
			names = append(names, each.Name)
		}
		return names
	})
}

func completeTrash(a *app) cobra.CompletionFunc {
	return completion(a, func(ctx context.Context, s *service.Service, _ string) []string {
		all, _ := s.Trash(ctx, "")
		var names []string
		for _, each := range all {
			names = append(names, each.Name)
		}
		return names
	})
}

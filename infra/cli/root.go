package main

import (
	"strings"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/service"
)

// root returns all commands.
func root(a *app) *cobra.Command {
	c := &cobra.Command{
		Use:   "keepsake",
		Short: "Secrets by their names, with an undo for every delete",
		Long: `keepsake reads, sets, deletes and restores the secrets of a Keepsake service, and gives them to programs.

Exit codes: 0 done, 1 failed, 2 not found or ambiguous, 3 changed meanwhile, 4 gone for good.
Values come by stdin or from files, never from the command line.`,
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	c.PersistentFlags().BoolVar(&a.json, "json", false, "print JSON")
	c.PersistentFlags().StringVar(&a.workspace, "workspace", "", "the workspace to act in, for a token of several")
	c.SetOut(a.out)
	c.SetErr(a.errOut)
	c.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return usage(cmd, withoutArgument(err.Error())) })
	c.AddCommand(
		loginCommand(a), logoutCommand(a), whoamiCommand(a),
		lsCommand(a), getCommand(a), setCommand(a),
		rmCommand(a), restoreCommand(a), trashCommand(a), logCommand(a),
		execCommand(a), importCommand(a), exportCommand(a),
	)
	for _, each := range c.Commands() {
		if each.Args == nil && !each.HasSubCommands() {
			each.Args = noArguments
		}
	}
	return c
}

// usage is the failure of a command that is not typed as it should be.
func usage(cmd *cobra.Command, message string) error {
	return service.Fail(service.Failed, "%s", message).Because("Usage: %s. More: %s --help", cmd.UseLine(), cmd.CommandPath())
}

// withoutArgument takes out of an error of the flags what was typed after them: it may be a secret.
func withoutArgument(message string) string {
	if before, _, found := strings.Cut(message, " in -"); found && strings.Contains(message, "shorthand") {
		return before
	}
	if before, _, found := strings.Cut(message, `argument "`); found {
		_, after, _ := strings.Cut(message, `" for `)
		name, _, _ := strings.Cut(after, " flag")
		return before + "argument for " + name
	}
	return message
}

func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(cmd, cmd.Name()+" takes no arguments")
	}
	return nil
}

// exactly takes one argument, and says what it is if there is none. What is too much is not repeated: it may be a
// secret.
func exactly(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) == 0 || args[0] == "":
			return usage(cmd, cmd.Name()+" needs a "+what)
		case len(args) > 1:
			return usage(cmd, cmd.Name()+" takes a "+what+" and nothing else")
		}
		return nil
	}
}

// withoutValue is exactly, for commands to whom people are used to give a secret as the second argument.
func withoutValue(what, instead string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > 1 {
			return service.Fail(service.Failed, "a secret on the command line stays in the shell's history, and others see it in the process list").
				Because("%s If it was a secret, take it out of the history.", instead)
		}
		return exactly(what)(cmd, args)
	}
}

package main

import (
	"strings"

	"github.com/spf13/cobra"

	"keepsake/infra/cli/login"
	"keepsake/infra/cli/service"
)

func loginCommand(a *app) *cobra.Command {
	noKeyring := false
	c := &cobra.Command{
		Use:   "login ADDRESS",
		Short: "Keep an address and a token, which is read from stdin",
		Args:  withoutValue("ADDRESS", "Pipe the token in: keepsake login ADDRESS < FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			address, err := service.Address(args[0])
			if err != nil {
				return err
			}
			text, err := a.read("", "Token: ")
			if err != nil {
				return err
			}
			token, err := login.Check(string(text), "stdin")
			if err != nil {
				return err
			}
			s, err := service.New(a.config(login.Account{Address: address, Workspace: a.workspace, Credential: login.Token(token, "stdin")}))
			if err != nil {
				return err
			}
			scopes, err := s.Scopes(cmd.Context())
			if err != nil {
				return err
			}
			store, err := a.store()
			if err != nil {
				return err
			}
			store.NoKeyring = noKeyring
			where, err := store.Save(login.Profile{Address: address, Workspace: a.workspace, Token: token})
			if err != nil {
				return err
			}
			return a.say(map[string]any{"address": address, "token_in": where, "scopes": scopes},
				"Logged in to %s. The token is in %s.\nIt may: %s", address, where, list(scopes))
		},
	}
	c.Flags().BoolVar(&noKeyring, "no-keyring", false, "keep the token in a file that only you may read")
	return c
}

func logoutCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget the address and the token",
		RunE: func(*cobra.Command, []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			was, err := store.Remove()
			if err != nil {
				return err
			}
			said := "There was no login."
			if was {
				said = "Logged out. The token is still good: its owner can revoke it."
			}
			return a.say(map[string]bool{"logged_out": was}, "%s", said)
		},
	}
}

func whoamiCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show the address, where the token comes from, and what it may do",
		RunE: func(cmd *cobra.Command, _ []string) error {
			account, err := a.account()
			if err != nil {
				return err
			}
			s, err := service.New(a.config(account))
			if err != nil {
				return err
			}
			scopes, err := s.Scopes(cmd.Context())
			if err != nil {
				return err
			}
			workspace := account.Workspace
			if workspace == "" {
				workspace = s.Workspace(cmd.Context())
			}
			id := login.PrincipalOf(cmd.Context(), account.Credential)
			who := map[string]any{
				"address": account.Address, "token_from": account.Credential.From(), "principal": id, "workspace": workspace, "scopes": scopes,
			}
			if workspace == "" {
				delete(who, "workspace")
				workspace = "not known: it has no secret yet"
			}
			return a.say(who, "address    %s\ntoken      from %s\nprincipal  %s\nworkspace  %s\nmay        %s",
				account.Address, account.Credential.From(), id, workspace, list(scopes))
		},
	}
}

func list(words []string) string {
	if len(words) == 0 {
		return "nothing"
	}
	return strings.Join(words, " ")
}

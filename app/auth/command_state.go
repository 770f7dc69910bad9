package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/exit"
	covetmodels "github.com/covetgo/covet/models"
)

func (m commands) userPromote() *cobra.Command {
	return m.roleCommand("promote", "Give an account a role", "Promoted", m.GrantRole)
}

func (m commands) userDemote() *cobra.Command {
	return m.roleCommand("demote", "Take a role from an account", "Demoted", m.RevokeRole)
}

func (m commands) roleCommand(
	verb, short, done string, change func(context.Context, *covetmodels.User, string) error,
) *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use: verb + " EMAIL", Short: short, Args: oneEmail,
		Example: "  user " + verb + " ada@example.com\n  user " + verb + " ada@example.com --role editor",
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.onAccount(cmd, args[0], func(ctx context.Context, user *covetmodels.User) error {
				return m.roleError(change(ctx, user, role))
			})
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s: %s\n", done, account.Normalize(args[0]), role)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&role, "role", "admin", "the role")
	return cmd
}

// onAccount calls change with the account that has an address, in a transaction, as the operator.
func (m commands) onAccount(
	cmd *cobra.Command, email string, change func(context.Context, *covetmodels.User) error,
) error {
	return m.run(cmd, func(ctx context.Context) error {
		user, err := m.known(ctx, email)
		if err != nil {
			return err
		}
		return change(ctx, user)
	})
}

// roleError makes an error for the command line of those that changes of roles return.
func (m commands) roleError(err error) error {
	var unknown *UnknownRoleError
	switch {
	case errors.As(err, &unknown):
		hint := "The roles are: " + strings.Join(unknown.Roles, ", ") + "."
		return exit.New(exit.Usage, hint, "there is no role %q", unknown.Name)
	case errors.Is(err, ErrLastAdmin):
		hint := "Give the role admin to another account first: user promote EMAIL."
		return exit.New(exit.Refused, hint, "%w", ErrLastAdmin)
	}
	return err
}

func (m commands) userDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable EMAIL", Short: "Disable an account: it is signed out, and access tokens are revoked", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.onAccount(cmd, args[0], func(ctx context.Context, user *covetmodels.User) error {
				return m.roleError(m.Disable(ctx, user))
			})
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "Disabled", account.Normalize(args[0]))
			}
			return err
		},
	}
}

func (m commands) userEnable() *cobra.Command {
	return &cobra.Command{
		Use: "enable EMAIL", Short: "Enable an account again", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.onAccount(cmd, args[0], m.Enable)
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "Enabled", account.Normalize(args[0]))
			}
			return err
		},
	}
}

func (m commands) userResetLink() *cobra.Command {
	return &cobra.Command{
		Use: "reset-link EMAIL", Args: oneEmail,
		Short: "Print a link with which the owner of an account chooses a new password",
		RunE: func(cmd *cobra.Command, args []string) error {
			var link string
			err := m.onAccount(cmd, args[0], func(ctx context.Context, user *covetmodels.User) (err error) {
				link, err = m.resetLink(ctx, user)
				return err
			})
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), link)
			}
			return err
		},
	}
}

// resetLink issues a link for a new password that is printed, not mailed.
func (m commands) resetLink(ctx context.Context, user *covetmodels.User) (string, error) {
	if user.DisabledAt != nil {
		hint := "Enable it first: user enable " + user.Email
		return "", exit.New(exit.Refused, hint, "the account %s is disabled", user.Email)
	}
	row := covetmodels.Token{Purpose: token.Reset, UserID: &user.ID, Email: user.Email}
	if err := m.links.Request(ctx, &row); err != nil {
		return "", err
	}
	secret, err := m.links.Issue(ctx, &row)
	if err != nil {
		return "", err
	}
	return m.linkURL(token.Reset, secret), m.accounts.Record(ctx, "users.reset_link", user, nil)
}

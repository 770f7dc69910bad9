package auth

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/covetgo/covet/app/exit"
	covetmodels "github.com/covetgo/covet/models"
)

func (m *Module) userDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable EMAIL", Short: "Disable an account: sessions end, access tokens are refused", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.run(cmd, func(ctx context.Context) error {
				user, err := m.known(ctx, args[0])
				if err != nil {
					return err
				}
				return m.keepLedByCommand(ctx, func() error { return m.disable(ctx, user) })
			})
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "Disabled", normalize(args[0]))
			}
			return err
		},
	}
}

func (m *Module) disable(ctx context.Context, user *covetmodels.User) error {
	if err := m.update(ctx, user.ID, map[string]any{"disabled_at": now()}); err != nil {
		return err
	}
	if _, err := m.endSessions(ctx, user.ID, 0); err != nil {
		return err
	}
	if err := m.forgetLinks(ctx, user.ID, purposeReset, purposeEmail, purposeVerify); err != nil {
		return err
	}
	return m.record(ctx, "users.disable", user, nil)
}

func (m *Module) userEnable() *cobra.Command {
	return &cobra.Command{
		Use: "enable EMAIL", Short: "Enable an account again", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.run(cmd, func(ctx context.Context) error {
				user, err := m.known(ctx, args[0])
				if err != nil {
					return err
				}
				if err := m.update(ctx, user.ID, map[string]any{"disabled_at": nil}); err != nil {
					return err
				}
				return m.record(ctx, "users.enable", user, nil)
			})
			if err == nil {
				fmt.Fprintln(cmd.OutOrStdout(), "Enabled", normalize(args[0]))
			}
			return err
		},
	}
}

func (m *Module) userResetLink() *cobra.Command {
	return &cobra.Command{
		Use: "reset-link EMAIL", Short: "Print a link with which the owner of an account chooses a new password", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			var link string
			err := m.run(cmd, func(ctx context.Context) error {
				user, err := m.known(ctx, args[0])
				if err != nil {
					return err
				}
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

func (m *Module) resetLink(ctx context.Context, user *covetmodels.User) (string, error) {
	if user.DisabledAt != nil {
		return "", exit.New(exit.Refused, "Enable it first: user enable "+user.Email, "the account %s is disabled", user.Email)
	}
	token, at := newToken(), now()
	row := covetmodels.Token{
		TokenHash: hashToken(token), Purpose: purposeReset, UserID: &user.ID, Email: user.Email,
		CreatedAt: at, ExpiresAt: at.Add(m.cfg.ResetLink),
	}
	if err := m.app.DB.With(ctx).Create(&row).Error; err != nil {
		return "", fmt.Errorf("making the link: %w", err)
	}
	if err := m.forgetOlder(ctx, &row); err != nil {
		return "", err
	}
	return m.linkURL(purposeReset, token), m.record(ctx, "users.reset_link", user, nil)
}

package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"gorm.io/gorm"

	"github.com/covetgo/covet/app/exit"
	covetmodels "github.com/covetgo/covet/models"
)

func (m *Module) userPromote() *cobra.Command {
	return m.roleCommand("promote", "Give an account a role", "Promoted", m.giveRole)
}

func (m *Module) userDemote() *cobra.Command {
	return m.roleCommand("demote", "Take a role from an account", "Demoted", m.takeRole)
}

func (m *Module) roleCommand(verb, short, done string, do func(context.Context, *covetmodels.User, string) error) *cobra.Command {
	var role string
	cmd := &cobra.Command{
		Use: verb + " EMAIL", Short: short, Args: oneEmail,
		Example: "  user " + verb + " ada@example.com\n  user " + verb + " ada@example.com --role editor",
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.run(cmd, func(ctx context.Context) error {
				user, err := m.known(ctx, args[0])
				if err != nil {
					return err
				}
				return do(ctx, user, role)
			})
			if err == nil {
				fmt.Fprintf(cmd.OutOrStdout(), "%s %s: %s\n", done, normalize(args[0]), role)
			}
			return err
		},
	}
	cmd.Flags().StringVar(&role, "role", "admin", "the role")
	return cmd
}

func (m *Module) role(ctx context.Context, name string) (*covetmodels.Role, error) {
	var role covetmodels.Role
	err := m.app.DB.With(ctx).Where("name = ?", name).Take(&role).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		var names []string
		if err := m.app.DB.With(ctx).Model(&covetmodels.Role{}).Order("name").Pluck("name", &names).Error; err != nil {
			return nil, err
		}
		return nil, exit.New(exit.Usage, "The roles are: "+strings.Join(names, ", ")+".", "there is no role %q", name)
	}
	if err != nil {
		return nil, fmt.Errorf("finding role %q: %w", name, err)
	}
	return &role, nil
}

func (m *Module) giveRole(ctx context.Context, user *covetmodels.User, name string) error {
	role, err := m.role(ctx, name)
	if err != nil {
		return err
	}
	given := covetmodels.UserRole{UserID: user.ID, RoleID: role.ID}
	if err := m.app.DB.With(ctx).Where(given).FirstOrCreate(&given).Error; err != nil {
		return fmt.Errorf("giving the role: %w", err)
	}
	return m.record(ctx, "users.promote", user, map[string]any{"role": name})
}

func (m *Module) takeRole(ctx context.Context, user *covetmodels.User, name string) error {
	role, err := m.role(ctx, name)
	if err != nil {
		return err
	}
	err = m.keepLedByCommand(ctx, func() error {
		return m.app.DB.With(ctx).Where("user_id = ? AND role_id = ?", user.ID, role.ID).Delete(&covetmodels.UserRole{}).Error
	})
	if err != nil {
		return fmt.Errorf("taking the role: %w", err)
	}
	return m.record(ctx, "users.demote", user, map[string]any{"role": name})
}

package auth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"gorm.io/gorm"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// operator is who acts in a command.
var operator = identity.Actor{ID: "command", Name: "command line"}

// Commands returns "user create", list, promote, demote, disable, enable and reset-link.
func (m *Module) Commands(*covet.App) []*cobra.Command {
	user := &cobra.Command{
		Use:     "user",
		Short:   "Create, list, promote and disable accounts",
		Example: "  user create ada@example.com --role admin\n  user list\n  user reset-link ada@example.com",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	user.AddCommand(m.userCreate(), m.userList(), m.userPromote(), m.userDemote(), m.userDisable(), m.userEnable(), m.userResetLink())
	return []*cobra.Command{user}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.New(exit.Usage, "", "%s does not take %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func oneEmail(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) != 1:
		return exit.New(exit.Usage, "", "%s needs one e-mail address", cmd.CommandPath())
	case !isEmail(normalize(args[0])):
		return exit.New(exit.Usage, "", "%q is no e-mail address", args[0])
	}
	return nil
}

// run calls do with the database at hand, in a transaction, as the operator.
func (m *Module) run(cmd *cobra.Command, do func(ctx context.Context) error) error {
	ctx := identity.With(cmd.Context(), operator)
	stop := func() error { return m.app.Stop(context.WithoutCancel(ctx)) }
	if err := m.app.DB.Ping(ctx); err != nil {
		return errors.Join(err, stop())
	}
	if !m.app.DB.With(ctx).Migrator().HasTable(&covetmodels.User{}) {
		err := exit.New(exit.Failure, "Apply the migrations first: migrate up.", "the database has no table of accounts")
		return errors.Join(err, stop())
	}
	return errors.Join(m.app.DB.Transaction(ctx, do), stop())
}

// known returns the account with an address, or an error that says that there is none.
func (m *Module) known(ctx context.Context, email string) (*covetmodels.User, error) {
	user, err := m.accountByEmail(ctx, email)
	if err == nil && user == nil {
		err = exit.New(exit.Failure, "List them with: user list.", "there is no account with the address %s", normalize(email))
	}
	return user, err
}

func (m *Module) userCreate() *cobra.Command {
	var role string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "create EMAIL",
		Short: "Create an account",
		Long: `Create an account whose address counts as confirmed. Without --password-stdin a
random password is made, and printed this once.`,
		Example: "  user create ada@example.com\n  user create ada@example.com --role admin\n  echo \"$PASSWORD\" | user create ada@example.com --password-stdin",
		Args:    oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			email := normalize(args[0])
			plain, err := choosePassword(cmd.InOrStdin(), stdin, email)
			if err != nil {
				return err
			}
			if err := m.run(cmd, func(ctx context.Context) error { return m.createByCommand(ctx, email, plain, role) }); err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), "E-mail:  ", email)
			if !stdin {
				fmt.Fprintln(cmd.OutOrStdout(), "Password:", plain)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&role, "role", "", "give the account this role, such as admin")
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from the first line of standard input")
	return cmd
}

func choosePassword(in io.Reader, stdin bool, email string) (string, error) {
	if !stdin {
		return password.Generate(), nil
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	plain := strings.TrimRight(line, "\r\n")
	if message := password.Check(plain, email); message != "" {
		return "", exit.New(exit.Usage, message, "the password is not acceptable")
	}
	return plain, nil
}

func (m *Module) createByCommand(ctx context.Context, email, plain, role string) error {
	hash, err := password.Hash(ctx, plain)
	if err != nil {
		return fmt.Errorf("hashing the password: %w", err)
	}
	// The application's columns stay empty: there is nobody to ask.
	verified := now()
	user := covetmodels.User{Email: email, PasswordHash: hash, EmailVerifiedAt: &verified}
	err = m.users.insert(ctx, &user)
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return exit.New(exit.Refused, "Give it a new password with: user reset-link "+email, "there is an account with the address %s already", email)
	}
	if err != nil {
		return err
	}
	if err := m.record(ctx, "users.create", &user, map[string]any{"email": email}); err != nil {
		return err
	}
	if role == "" {
		return nil
	}
	return m.giveRole(ctx, &user, role)
}

package auth

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	covet "github.com/covetgo/covet/app"
	"github.com/covetgo/covet/app/auth/internal/account"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/exit"
	"github.com/covetgo/covet/app/identity"
	covetmodels "github.com/covetgo/covet/models"
)

// operator is who acts in a command.
var operator = identity.Actor{ID: "command", Name: "command line"}

// commands are the commands with which operators manage accounts.
type commands struct{ *Module }

// Commands returns "user create", list, promote, demote, disable, enable and reset-link.
func (m *Module) Commands(*covet.App) []*cobra.Command {
	c := commands{m}
	user := &cobra.Command{
		Use:     "user",
		Short:   "Create, list, promote and disable accounts",
		Example: "  user create ada@example.com --role admin\n  user list\n  user reset-link ada@example.com",
		Args:    noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	user.AddCommand(
		c.userCreate(), c.userList(), c.userPromote(), c.userDemote(), c.userDisable(), c.userEnable(), c.userResetLink(),
	)
	return []*cobra.Command{user}
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return exit.New(exit.Usage, "", "%s does not accept %q", cmd.CommandPath(), args[0])
	}
	return nil
}

func oneEmail(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) != 1:
		return exit.New(exit.Usage, "", "%s needs one e-mail address", cmd.CommandPath())
	case !account.IsEmail(account.Normalize(args[0])):
		return exit.New(exit.Usage, "", "%q is not a valid e-mail address", args[0])
	}
	return nil
}

// run calls do with the database at hand, in a transaction, as the operator.
func (m commands) run(cmd *cobra.Command, do func(ctx context.Context) error) error {
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

// known returns the account with an address, or an error for the command line.
func (m commands) known(ctx context.Context, email string) (*covetmodels.User, error) {
	user, err := m.FindAccount(ctx, email)
	if errors.Is(err, ErrNotFound) {
		email = account.Normalize(email)
		err = exit.New(exit.Failure, "List accounts with: user list.", "there is no account with the address %s", email)
	}
	return user, err
}

func (m commands) userCreate() *cobra.Command {
	var role string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "create EMAIL",
		Short: "Create an account",
		Long: `Create an account whose address counts as confirmed. Without --password-stdin a
random password is made, and printed this once.`,
		Example: "  user create ada@example.com\n  user create ada@example.com --role admin\n" +
			"  echo \"$PASSWORD\" | user create ada@example.com --password-stdin",
		Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			email := account.Normalize(args[0])
			plain, err := m.choosePassword(cmd.Context(), cmd.InOrStdin(), stdin, email)
			if err != nil {
				return err
			}
			err = m.run(cmd, func(ctx context.Context) error { return m.createByCommand(ctx, email, plain, role) })
			if err != nil {
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

func (m commands) choosePassword(ctx context.Context, in io.Reader, stdin bool, email string) (string, error) {
	if !stdin {
		return password.Generate(), nil
	}
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("reading the password: %w", err)
	}
	plain := strings.TrimRight(line, "\r\n")
	if message := m.checkPassword(ctx, plain, email); message != "" {
		return "", exit.New(exit.Usage, message, "the password is not acceptable")
	}
	return plain, nil
}

// createByCommand creates an account whose application's columns are empty: there is nobody to ask.
func (m commands) createByCommand(ctx context.Context, email, plain, role string) error {
	person, verified := m.users.New(), token.Now()
	person.Account().Email, person.Account().EmailVerifiedAt = email, &verified
	err := m.CreateAccount(ctx, person, plain)
	if errors.Is(err, ErrEmailTaken) {
		hint := "Give it a new password with: user reset-link " + email
		return exit.New(exit.Refused, hint, "there is an account with the address %s already", email)
	}
	if err != nil || role == "" {
		return err
	}
	return m.roleError(m.GrantRole(ctx, person.Account(), role))
}

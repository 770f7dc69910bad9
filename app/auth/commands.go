package auth

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

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
	err = m.app.DB.With(ctx).Where("user_id = ? AND role_id = ?", user.ID, role.ID).Delete(&covetmodels.UserRole{}).Error
	if err != nil {
		return fmt.Errorf("taking the role: %w", err)
	}
	return m.record(ctx, "users.demote", user, map[string]any{"role": name})
}

func (m *Module) userDisable() *cobra.Command {
	return &cobra.Command{
		Use: "disable EMAIL", Short: "Disable an account: sessions end, access tokens are refused", Args: oneEmail,
		RunE: func(cmd *cobra.Command, args []string) error {
			err := m.run(cmd, func(ctx context.Context) error {
				user, err := m.known(ctx, args[0])
				if err != nil {
					return err
				}
				return m.disable(ctx, user)
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

// listedUser is one line of "user list".
type listedUser struct {
	ID         int64      `json:"id"`
	Email      string     `json:"email"`
	Roles      []string   `json:"roles"`
	VerifiedAt *time.Time `json:"email_verified_at"`
	DisabledAt *time.Time `json:"disabled_at"`
	CreatedAt  time.Time  `json:"created_at"`
}

func (m *Module) userList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List accounts", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := []listedUser{}
			err := m.run(cmd, func(ctx context.Context) error {
				var users []covetmodels.User
				if err := m.app.DB.With(ctx).Preload("Roles").Order("id").Find(&users).Error; err != nil {
					return fmt.Errorf("listing accounts: %w", err)
				}
				for _, u := range users {
					one := listedUser{u.ID, u.Email, []string{}, u.EmailVerifiedAt, u.DisabledAt, u.CreatedAt}
					for _, role := range u.Roles {
						one.Roles = append(one.Roles, role.Name)
					}
					list = append(list, one)
				}
				return nil
			})
			if err != nil {
				return err
			}
			if asJSON {
				encoder := json.NewEncoder(cmd.OutOrStdout())
				encoder.SetIndent("", "  ")
				return encoder.Encode(list)
			}
			return printUsers(cmd.OutOrStdout(), list)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

func printUsers(w io.Writer, list []listedUser) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tE-MAIL\tROLES\tSTATE\tCREATED (UTC)")
	for _, u := range list {
		state := "active"
		switch {
		case u.DisabledAt != nil:
			state = "disabled"
		case u.VerifiedAt == nil:
			state = "unconfirmed"
		}
		roles := strings.Join(u.Roles, ", ")
		if roles == "" {
			roles = "-"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\t%s\t%s\n", u.ID, u.Email, roles, state, u.CreatedAt.UTC().Format(time.DateTime))
	}
	return table.Flush()
}

package auth

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"
)

// listedUser is one line of "user list".
type listedUser struct {
	ID         int64      `json:"id"`
	Email      string     `json:"email"`
	Roles      []string   `json:"roles"`
	VerifiedAt *time.Time `json:"email_verified_at"`
	DisabledAt *time.Time `json:"disabled_at"`
	CreatedAt  time.Time  `json:"created_at"`
}

func (m commands) userList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List accounts", Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			list := []listedUser{}
			err := m.run(cmd, func(ctx context.Context) error {
				users, err := m.accounts.List(ctx)
				if err != nil {
					return err
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

package account

// Kind is a kind of change of an account's state.
type Kind int

// The changes of an account's state.
const (
	PasswordChanged Kind = iota // by a user who entered the old password, or by the application
	PasswordReset               // by a mailed link
	AddressVerified             // the owner reads mail at the address
	AddressChanged              // to an address whose owner has confirmed it
	AddressReplaced             // by an administrator, to an address that is not confirmed
	LocaleChanged               // language and time zone
	Disabled
	Enabled
	RoleGranted
	RoleRevoked
	SignedOut // everywhere else
	Deleted
)

// fate is what a change does to one kind of credential.
type fate int

const (
	stay fate = iota // the credentials are still valid
	ends             // none is valid any more
	asks             // none is valid any more, unless the owner wants to keep them
)

// decision is what a change does besides changing the account.
type decision struct {
	// sessions are those of browsers, logins the log-ins that wait for a step, links the mailed links that were not used
	// (a link for an address is a pending change of it), and tokens the access tokens of programs.
	sessions, logins, links, tokens fate
	// notice is the mail to the address that the account had before, or empty.
	notice string
	// action is the entry of the audit log.
	action string
}

// decisions is the only place that decides what becomes of the credentials of an account. Changes of roles count with
// the next request, whatever it shows.
//
// Threat: a stolen credential outlives the change by which its owner, or an administrator, wanted to end it. Enabling
// an account ends what was valid when it was disabled by an earlier release, or by a statement.
var decisions = map[Kind]decision{
	//                sessions, log-ins, links, tokens
	PasswordChanged: {ends, ends, ends, asks, "password", "auth.password_change"},
	PasswordReset:   {ends, ends, ends, asks, "password", "auth.password_reset"},
	AddressVerified: {stay, stay, stay, stay, "", "auth.email_verify"},
	AddressChanged:  {ends, ends, ends, asks, "moved", "auth.email_change"},
	AddressReplaced: {ends, ends, ends, ends, "moved", "auth.email_change"},
	LocaleChanged:   {stay, stay, stay, stay, "", "auth.locale_change"},
	Disabled:        {ends, ends, ends, ends, "disabled", "users.disable"},
	Enabled:         {ends, ends, ends, ends, "enabled", "users.enable"},
	RoleGranted:     {stay, stay, stay, stay, "", "users.promote"},
	RoleRevoked:     {stay, stay, stay, stay, "", "users.demote"},
	SignedOut:       {ends, ends, ends, stay, "", "auth.session_end"},
	Deleted:         {ends, ends, ends, ends, "deleted", "users.delete"},
}

// needsAdmin reports whether a change is refused if it left no account that may do everything.
func (k Kind) needsAdmin() bool { return k == Disabled || k == RoleRevoked || k == Deleted }

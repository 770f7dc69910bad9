package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Texts are the texts of pages and mails, by their keys. An application names those that it wants otherwise; the rest
// is English:
//
//	page.Texts{"login.title": "Willkommen zurück"}
//
// In texts of mails, {app} stands for the name of the application.
type Texts map[string]string

// Get returns the text with this key; of a key that does not exist, the key.
func (t Texts) Get(key string) string {
	if text, ok := t[key]; ok {
		return text
	}
	if text, ok := english[key]; ok {
		return text
	}
	return key
}

// Check returns an error that names the keys that do not exist.
func (t Texts) Check() error {
	var unknown []string
	for _, key := range slices.Sorted(maps.Keys(t)) {
		if _, ok := english[key]; !ok {
			unknown = append(unknown, fmt.Sprintf("%q", key))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	keys := strings.Join(unknown, ", ")
	return fmt.Errorf("there are no texts with the keys %s; page.English lists those that are", keys)
}

// English returns the texts as they are unless an application says otherwise.
func English() Texts { return maps.Clone(english) }

// english is read only.
var english = Texts{
	"email.label":        "E-mail address",
	"password.label":     "Password",
	"password.hint":      "12 characters or more. A few words that only you would put together are good.",
	"current.label":      "Current password",
	"new_password.label": "New password",
	"email.invalid":      "This is not a valid e-mail address.",
	"wrong_password":     "This is not your password.",
	"throttled":          "Too many attempts. Please wait a while, and try again.",

	"login.title":         "Sign in",
	"login.button":        "Sign in",
	"login.remember":      "Stay signed in on this device",
	"login.wrong":         "The e-mail address or the password is wrong.",
	"login.forgot":        "Forgotten your password?",
	"login.signup":        "New here?",
	"login.signup_go":     "Create an account",
	"login.title_next":    "Sign in to go on",
	"login.with":          "Sign in with {provider}",
	"login.expired":       "Your log-in has expired. Please sign in again.",
	"login.no_account":    "There is no account that you can use with this log-in.",
	"login.unconfirmed":   "Please confirm your e-mail address first.",
	"login.step_required": "This account needs another step to sign in. Please use a browser.",
	"logout.button":       "Sign out",
	"logout.done":         "You are signed out.",

	"signup.title":    "Create an account",
	"signup.button":   "Create account",
	"signup.login":    "You have one already?",
	"signup.login_go": "Sign in",
	"signup.done":     "Welcome. Your account is ready.",

	"closed.title": "Sign-up is closed",
	"closed.text":  "Accounts are made by those who run this site. Ask them for yours.",

	"sent.title":        "Check your mail",
	"sent.signup":       "We have sent you a mail. Follow the link in it to finish your account. It may take a minute, and it may be among the spam.",
	"sent.reset":        "If there is an account with this address, we have sent a link for a new password to it. The link is good for ten minutes.",
	"sent.verify":       "Before you can sign in, we need to know that the address is yours. We have sent you a link.",
	"sent.email":        "We have sent a link to the new address. Your address changes when you follow it.",
	"stale.title":       "This link is no longer good",
	"stale.text":        "It was used already, or it is too old, or a newer one was sent. Links can be used once.",
	"stale.label":       "Sign in",
	"taken.title":       "There is an account already",
	"taken.text":        "This address belongs to an account. Sign in with it, or choose a new password if you have forgotten yours.",
	"confirm.title":     "One last step",
	"confirm.signup":    "Enter the password that you chose, so that we know it was you who signed up.",
	"confirm.verify":    "Enter your password to confirm that this address is yours.",
	"confirm.email":     "Enter your password to make this the address of your account.",
	"confirm.button":    "Confirm",
	"confirm.restart":   "Not the one who signed up, or forgotten what you chose?",
	"confirm.signup_go": "Sign up again",

	"forgot.title":  "Forgotten your password?",
	"forgot.lead":   "Enter your address. We send you a link with which you can choose a new one.",
	"forgot.button": "Send link",
	"forgot.back":   "Back to sign in",
	"reset.title":   "Choose a new password",
	"reset.lead":    "You will be signed out everywhere else.",
	"reset.button":  "Save and sign in",
	"reset.done":    "Your password is changed. You are signed out everywhere else.",

	"revoke_tokens.label": "Also revoke access tokens",
	"revoke_tokens.hint":  "Programs that use them stop working until you give them new ones.",

	"account.title":         "Your account",
	"account.since":         "Member since",
	"account.sign_in":       "Signing in",
	"account.password":      "Change password",
	"account.password_text": "You will be signed out everywhere else.",
	"account.email":         "Change e-mail address",
	"account.email_text":    "We send a link to the new address first.",
	"account.sessions":      "Where you are signed in",
	"account.sessions_text": "Browsers and devices, and how to sign them out.",
	"account.tokens":        "Access tokens",
	"account.tokens_text":   "For programs that act for you.",
	"account.delete":        "Delete account",
	"account.delete_text":   "For good, with all that belongs to it.",
	"account.back":          "Your account",

	"password.title":  "Change password",
	"password.button": "Change password",
	"password.done":   "Your password is changed. You are signed out everywhere else.",
	"email.title":     "Change e\u2011mail address",
	"email.lead":      "Your address now is",
	"email.new":       "New e-mail address",
	"email.same":      "This is your address already.",
	"email.button":    "Send link",
	"email.done":      "Your e-mail address is changed.",

	"sessions.title":      "Where you are signed in",
	"sessions.device":     "Device",
	"sessions.address":    "Address",
	"sessions.signed_in":  "Signed in (UTC)",
	"sessions.seen":       "Last seen (UTC)",
	"sessions.actions":    "Actions",
	"sessions.current":    "this browser",
	"sessions.end":        "Sign out",
	"sessions.end_others": "Sign out everywhere else",
	"sessions.ended":      "Signed out.",

	"tokens.title":      "Access tokens",
	"tokens.lead":       "With a token a program acts for you, within its scopes. Treat it like a password.",
	"tokens.created":    "Your new token",
	"tokens.once":       "Copy it now: it is not shown again.",
	"tokens.none":       "You have no tokens.",
	"tokens.yours":      "Your tokens",
	"tokens.new":        "New token",
	"tokens.name":       "Name",
	"tokens.name_hint":  "What it is for, so that you know it again.",
	"tokens.scopes":     "Scopes",
	"tokens.scope_all":  "*: Everything that you may do",
	"tokens.scope_hint": "What it may do. A token never has rights that you do not have.",
	"tokens.expires":    "Expires",
	"tokens.days_30":    "in 30 days",
	"tokens.days_90":    "in 90 days",
	"tokens.days_365":   "in a year",
	"tokens.never":      "never",
	"tokens.expired":    "expired",
	"tokens.last_used":  "Last used (UTC)",
	"tokens.actions":    "Actions",
	"tokens.button":     "Create token",
	"tokens.revoke":     "Revoke",
	"tokens.revoked":    "The token is revoked.",
	"tokens.too_many":   "You have as many tokens as one account may have. Revoke one first.",

	"delete.title":   "Delete account",
	"delete.lead":    "Your account and what belongs to it are deleted for good. Nobody can bring them back.",
	"delete.confirm": "Your e-mail address, to be sure",
	"delete.wrong":   "This is not the address of your account.",
	"delete.last":    "You are the last who may do everything here. Give somebody else the role first.",
	"delete.button":  "Delete my account",
	"delete.done":    "Your account is deleted.",

	"mail.hello":            "Hello,",
	"mail.ignore":           "If this was not you, ignore this mail: nothing happens.",
	"mail.not_you":          "If this was not you, choose a new password at once, and answer this mail.",
	"mail.link_hint":        "If the button does not work, open this address:",
	"mail.signup.subject":   "Finish your account at {app}",
	"mail.signup.text":      "somebody, probably you, is creating an account at {app} with this address. Follow the link, and enter the password that was chosen.",
	"mail.signup.button":    "Finish my account",
	"mail.exists.subject":   "You have an account at {app}",
	"mail.exists.text":      "somebody, probably you, wanted to create an account at {app} with this address. There is one already: sign in with it. If you have forgotten its password, you can choose a new one there.",
	"mail.exists.button":    "Sign in",
	"mail.verify.subject":   "Confirm your address at {app}",
	"mail.verify.text":      "follow the link to confirm that this is your address at {app}.",
	"mail.verify.button":    "Confirm my address",
	"mail.reset.subject":    "A new password at {app}",
	"mail.reset.text":       "somebody, probably you, asked for a new password at {app}. The link is good for ten minutes, and once.",
	"mail.reset.button":     "Choose a new password",
	"mail.email.subject":    "Confirm your new address at {app}",
	"mail.email.text":       "follow the link to make this the address of your account at {app}.",
	"mail.email.button":     "Confirm my new address",
	"mail.in_use.subject":   "This address has an account at {app}",
	"mail.in_use.text":      "somebody wanted to make this the address of another account at {app}. It belongs to an account already, and nothing was changed.",
	"mail.in_use.button":    "Sign in",
	"mail.password.subject": "Your password at {app} was changed",
	"mail.password.text":    "the password of your account at {app} was changed, and you were signed out everywhere else.",
	"mail.asked.subject":    "Somebody wants to change your address at {app}",
	"mail.asked.text":       "somebody who knows the password of your account at {app} asked to change its e-mail address. It changes when the new address is confirmed.",
	"mail.moved.subject":    "Your address at {app} was changed",
	"mail.moved.text":       "the e-mail address of your account at {app} was changed, and you were signed out everywhere else. Mails go to the new address from now on.",
	"mail.token.subject":    "New access token at {app}",
	"mail.token.text":       "an access token was made for your account at {app}. A program that has it can act for you.",
	"mail.disabled.subject": "Your account at {app} is disabled",
	"mail.disabled.text":    "your account at {app} was disabled. You are signed out everywhere, and cannot sign in until it is enabled again. If you think this is a mistake, reply to this mail.",
	"mail.enabled.subject":  "Your account at {app} is enabled",
	"mail.enabled.text":     "your account at {app} is enabled again. You can sign in with your password. Access tokens stay revoked: create new ones if you need them.",
	"mail.revoked_one":      "One access token was revoked: the program that used it needs a new one.",
	"mail.revoked":          "{count} access tokens were revoked: programs that used them need new ones.",
	"mail.deleted.subject":  "Your account at {app} is deleted",
	"mail.deleted.text":     "your account at {app}, and what belongs to it, was deleted.",
}

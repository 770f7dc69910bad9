// Package limit limits how often passwords are tried and mails are requested. A client is counted by its address, an
// account together with each address, and a browser in which the account has signed in before on its own, so that
// nobody can use up the attempts of another.
//
//	if err := limiter.Login(ctx, device, email); err != nil {
//		return err // a problem (429) with Retry-After
//	}
package limit

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/auth/internal/texts"
	"github.com/covetgo/covet/app/auth/internal/token"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/throttle"
)

const (
	loginPeriod = 15 * time.Minute
	mailPeriod  = time.Hour
)

// wide is how many times the limit of one address may be spent on one account from all addresses together. An attacker
// with all addresses that a provider hands out does not reach it.
const wide = 20

// minSignups is how many sign-up forms one address may send in 15 minutes, valid or not. More are allowed if more
// mails are.
//
// Threat: the application reports which names are taken, and an attacker asks it for all of them.
const minSignups = 100

// Config is how many attempts are allowed: log-ins in 15 minutes, mails in an hour.
type Config struct{ LoginsPerAccount, LoginsPerAddress, MailsPerAccount, MailsPerAddress int }

// Limiter counts attempts. It is safe for concurrent use.
type Limiter struct {
	limiter *throttle.Limiter
	cfg     Config
}

// New returns a limiter that counts with limiter.
func New(limiter *throttle.Limiter, cfg Config) *Limiter { return &Limiter{limiter: limiter, cfg: cfg} }

// Login counts an attempt to log in to the account with an address. Device is the id of a browser in which that
// account has signed in before, or empty.
func (l *Limiter) Login(ctx context.Context, device, email string) error {
	if device != "" {
		return l.allow(ctx, subject("device", device, l.cfg.LoginsPerAccount, loginPeriod))
	}
	rules := pair(ctx, "login", email, l.cfg.LoginsPerAccount, loginPeriod)
	rules = append(rules, address(ctx, "login", l.cfg.LoginsPerAddress, loginPeriod)...)
	return l.allow(ctx, append(rules, subject("login", email, wide*l.cfg.LoginsPerAddress, loginPeriod))...)
}

// Step counts an attempt to pass another step of a log-in to an account, from any address: who makes it knows the
// password. Device is as in Login.
func (l *Limiter) Step(ctx context.Context, device, step string, userID int64) error {
	if device != "" {
		return l.allow(ctx, subject("step:device", step+":"+device, l.cfg.LoginsPerAccount, loginPeriod))
	}
	return l.allow(ctx, subject("step", step+":"+strconv.FormatInt(userID, 10), l.cfg.LoginsPerAccount, loginPeriod))
}

// Provider counts a log-in that is sent to a provider.
//
// Threat: requests without end fill the table of pending log-ins.
func (l *Limiter) Provider(ctx context.Context) error {
	return l.allow(ctx, address(ctx, "provider", l.cfg.LoginsPerAddress, loginPeriod)...)
}

// Password counts an attempt of a signed-in user to enter their password again.
func (l *Limiter) Password(ctx context.Context, userID int64) error {
	return l.allow(ctx, subject("password", strconv.FormatInt(userID, 10), l.cfg.LoginsPerAccount, loginPeriod))
}

// Link counts an attempt to enter the password that a mailed link asks for.
func (l *Limiter) Link(ctx context.Context, id int64) error {
	return l.allow(ctx, subject("confirm", strconv.FormatInt(id, 10), l.cfg.LoginsPerAccount, loginPeriod))
}

// Reset counts an attempt to set a password by a link.
func (l *Limiter) Reset(ctx context.Context) error {
	return l.allow(ctx, address(ctx, "reset", l.cfg.LoginsPerAddress, loginPeriod)...)
}

// Signup counts a sign-up form.
func (l *Limiter) Signup(ctx context.Context) error {
	return l.allow(ctx, address(ctx, "signup", max(minSignups, l.cfg.MailsPerAddress), loginPeriod)...)
}

// Mail counts a request for a mail to an address. It returns a problem (429) when the client asks too often, and
// reports false when so many others have asked that the mailbox gets no more: then nothing is mailed, and the response
// is the same.
//
// Threats: an attacker floods a mailbox from many addresses; or asks until its owner is refused. A browser in which the
// account has signed in before (device) has requests of its own, which nobody else can use up.
func (l *Limiter) Mail(ctx context.Context, device, email string) (bool, error) {
	if device != "" {
		return true, l.allow(ctx, subject("mail:device", device, l.cfg.MailsPerAccount, mailPeriod))
	}
	rules := pair(ctx, "mail", email, l.cfg.MailsPerAccount, mailPeriod)
	rules = append(rules, address(ctx, "mail", l.cfg.MailsPerAddress, mailPeriod)...)
	if err := l.allow(ctx, rules...); err != nil {
		return false, err
	}
	result, err := l.count(ctx, subject("mail", email, l.cfg.MailsPerAddress, mailPeriod))
	return result.Allowed, err
}

// rule is how often something may be done under one key.
type rule struct {
	key  string
	rate throttle.Rate
}

// allow counts an attempt under each rule, and returns a problem (429) when one is exceeded.
func (l *Limiter) allow(ctx context.Context, rules ...rule) error {
	for _, r := range rules {
		result, err := l.count(ctx, r)
		if err != nil {
			return err
		}
		if !result.Allowed {
			return problem.TooMany(texts.T(ctx, "throttled"), result.RetryAfter)
		}
	}
	return nil
}

func (l *Limiter) count(ctx context.Context, r rule) (throttle.Result, error) {
	result, err := l.limiter.Allow(ctx, r.key, r.rate)
	if err != nil {
		return result, problem.Unavailable(fmt.Errorf("counting attempts: %w", err))
	}
	return result, nil
}

// subject is a rule for something, such as an account, from any address.
func subject(what, subject string, n int, per time.Duration) rule {
	return rule{what + ":" + token.Hash(subject)[:32], throttle.Rate{Limit: n, Per: per}}
}

// address are rules for the address of the client.
func address(ctx context.Context, what string, n int, per time.Duration) []rule {
	return perNetwork(ctx, what+":from:", n, per)
}

// pair are rules for something, such as an account, together with the address of the client.
//
// Threat: an attacker uses up the attempts of an account to keep its owner out. They use up those of their own address.
func pair(ctx context.Context, what, subject string, n int, per time.Duration) []rule {
	return perNetwork(ctx, what+":"+token.Hash(subject)[:32]+":", n, per)
}

// perNetwork are rules for each of the networks of the client. Each wider one allows twice as many, because neighbours
// share it.
func perNetwork(ctx context.Context, key string, n int, per time.Duration) []rule {
	var rules []rule
	for i, network := range throttle.Networks(middleware.ClientIP(ctx)) {
		rules = append(rules, rule{key + network, throttle.Rate{Limit: n << i, Per: per}})
	}
	return rules
}

package auth

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/covetgo/covet/app/auth/password"
	"github.com/covetgo/covet/app/middleware"
	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/throttle"
)

// limit is how often something may be done under one key.
type limit struct {
	key  string
	rate throttle.Rate
}

const (
	loginPeriod = 15 * time.Minute
	mailPeriod  = time.Hour
)

// botnet is how many times as often as from one address something may be tried on one account from all addresses together.
// One attacker, with all the addresses that a provider gives them, does not come near it.
const botnet = 20

// perAddress are limits for the address of the client.
func perAddress(ctx context.Context, what string, n int, per time.Duration) []limit {
	return perNetwork(ctx, what+":from:", n, per)
}

// perPair are limits for something, such as an account, and the address of the client together.
//
// Threat: somebody uses up the attempts of an account to keep its owner out. They use up those of their own address.
func perPair(ctx context.Context, what, subject string, n int, per time.Duration) []limit {
	return perNetwork(ctx, what+":"+hashToken(subject)[:32]+":", n, per)
}

// perNetwork are limits for each of the networks of the client. The wider may have twice as much each time: neighbours
// share them.
func perNetwork(ctx context.Context, key string, n int, per time.Duration) []limit {
	var limits []limit
	for i, network := range networks(middleware.ClientIP(ctx)) {
		limits = append(limits, limit{key + network, throttle.Rate{Limit: n << i, Per: per}})
	}
	return limits
}

// perSubject is a limit for something from anywhere.
func perSubject(what, subject string, n int, per time.Duration) limit {
	return limit{what + ":" + hashToken(subject)[:32], throttle.Rate{Limit: n, Per: per}}
}

// networks are what one client may have, the narrowest first: an address of IPv4; of IPv6 the first 64 bits, in which a
// client chooses the rest as it likes, and the 56 and 48 that providers hand out to a household and to a site.
//
// Threat: one line of IPv6 has 256 or 65,536 networks of 64 bits, and spreads its attempts over them.
func networks(address string) []string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return []string{address}
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return []string{ip.String()}
	}
	var all []string
	for _, bits := range []int{64, 56, 48} {
		all = append(all, netip.PrefixFrom(ip, bits).Masked().String())
	}
	return all
}

// throttle counts an attempt under each limit, and returns a problem (429) when one is exceeded.
func (m *Module) throttle(ctx context.Context, limits ...limit) error {
	for _, l := range limits {
		result, err := m.count(ctx, l)
		if err != nil {
			return err
		}
		if !result.Allowed {
			seconds := max(1, int(math.Ceil(result.RetryAfter.Seconds())))
			return problem.New(http.StatusTooManyRequests, "too_many_requests", m.text("throttled")).
				WithHeader("Retry-After", strconv.Itoa(seconds))
		}
	}
	return nil
}

func (m *Module) count(ctx context.Context, l limit) (throttle.Result, error) {
	result, err := m.limiter.Allow(ctx, l.key, l.rate)
	if err != nil {
		return result, problem.Unavailable(fmt.Errorf("throttling: %w", err))
	}
	return result, nil
}

// busy makes a problem (503) of a queue for hashing that is full, and returns other errors as they are.
func busy(err error) error {
	if errors.Is(err, password.ErrBusy) {
		return problem.Unavailable(err).WithHeader("Retry-After", "5")
	}
	return err
}

// loginLimits are those of an attempt to sign in. A browser in which this account has signed in before has attempts of its
// own, which nobody else can use up.
func (m *Module) loginLimits(ctx context.Context, device, email string) []limit {
	if device != "" {
		return []limit{perSubject("device", device, m.cfg.LoginsPerAccount, loginPeriod)}
	}
	limits := perPair(ctx, "login", email, m.cfg.LoginsPerAccount, loginPeriod)
	limits = append(limits, perAddress(ctx, "login", m.cfg.LoginsPerAddress, loginPeriod)...)
	return append(limits, perSubject("login", email, botnet*m.cfg.LoginsPerAddress, loginPeriod))
}

// mayMail counts a request for a mail to somebody. It returns a problem (429) when its sender asks too often, and reports
// false when so many others have asked that the mailbox has had enough: then nothing is mailed, and the answer is as ever.
//
// Threats: somebody floods a mailbox from many addresses; or asks until its owner is refused. A browser in which this
// account has signed in before has mails of its own, which nobody else can use up.
func (m *Module) mayMail(ctx context.Context, device, email string) (bool, error) {
	if device != "" {
		return true, m.throttle(ctx, perSubject("mail:device", device, m.cfg.MailsPerAccount, mailPeriod))
	}
	limits := perPair(ctx, "mail", email, m.cfg.MailsPerAccount, mailPeriod)
	limits = append(limits, perAddress(ctx, "mail", m.cfg.MailsPerAddress, mailPeriod)...)
	if err := m.throttle(ctx, limits...); err != nil {
		return false, err
	}
	result, err := m.count(ctx, perSubject("mail", email, m.cfg.MailsPerAddress, mailPeriod))
	return result.Allowed, err
}

// passwordLimits are those of entering the password of an account again.
func (m *Module) passwordLimits(userID int64) []limit {
	return []limit{perSubject("password", strconv.FormatInt(userID, 10), m.cfg.LoginsPerAccount, loginPeriod)}
}

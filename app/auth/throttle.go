package auth

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"net/netip"
	"strconv"
	"time"

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

// perAddress is a limit for the address of the client.
func perAddress(ctx context.Context, what string, n int, per time.Duration) limit {
	return limit{what + ":from:" + network(middleware.ClientIP(ctx)), throttle.Rate{Limit: n, Per: per}}
}

// perPair is a limit for something, such as an account, and the address of the client together.
//
// Threat: somebody uses up the attempts of an account to keep its owner out. They use up those of their own address.
func perPair(ctx context.Context, what, subject string, n int, per time.Duration) limit {
	return limit{what + ":" + hashToken(subject)[:32] + ":" + network(middleware.ClientIP(ctx)), throttle.Rate{Limit: n, Per: per}}
}

// perSubject is a limit for something from anywhere.
func perSubject(what, subject string, n int, per time.Duration) limit {
	return limit{what + ":" + hashToken(subject)[:32], throttle.Rate{Limit: n, Per: per}}
}

// network is what one client has: an address of IPv4, and the first 64 bits of one of IPv6, in which a client chooses the
// rest as it likes.
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return address
	}
	return prefix.String()
}

// throttle counts an attempt under each limit, and returns a problem (429) when one is exceeded.
func (m *Module) throttle(ctx context.Context, limits ...limit) error {
	for _, l := range limits {
		result, err := m.limiter.Allow(ctx, l.key, l.rate)
		if err != nil {
			return problem.Unavailable(fmt.Errorf("throttling: %w", err))
		}
		if !result.Allowed {
			seconds := max(1, int(math.Ceil(result.RetryAfter.Seconds())))
			return problem.New(http.StatusTooManyRequests, "too_many_requests", m.text("throttled")).
				WithHeader("Retry-After", strconv.Itoa(seconds))
		}
	}
	return nil
}

// loginLimits are those of an attempt to sign in. A browser in which this account has signed in before has attempts of its
// own, which nobody else can use up.
func (m *Module) loginLimits(ctx context.Context, device, email string) []limit {
	if device != "" {
		return []limit{perSubject("device", device, m.cfg.LoginsPerAccount, loginPeriod)}
	}
	return []limit{
		perPair(ctx, "login", email, m.cfg.LoginsPerAccount, loginPeriod),
		perAddress(ctx, "login", m.cfg.LoginsPerAddress, loginPeriod),
		perSubject("login", email, m.cfg.LoginsPerAddress, loginPeriod), // from many addresses at once
	}
}

// mailLimits are those of asking for a mail to somebody.
func (m *Module) mailLimits(ctx context.Context, email string) []limit {
	return []limit{
		perPair(ctx, "mail", email, m.cfg.MailsPerAccount, mailPeriod),
		perAddress(ctx, "mail", m.cfg.MailsPerAddress, mailPeriod),
		perSubject("mail", email, m.cfg.MailsPerAddress, mailPeriod),
	}
}

// passwordLimits are those of entering the password of an account again.
func (m *Module) passwordLimits(userID int64) []limit {
	return []limit{perSubject("password", strconv.FormatInt(userID, 10), m.cfg.LoginsPerAccount, loginPeriod)}
}

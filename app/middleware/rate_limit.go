package middleware

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"github.com/covetgo/covet/app/problem"
	"github.com/covetgo/covet/app/throttle"
)

// ClientLimit limits how often one client may do something, such as sending a form. Clients are identified by their
// address, of IPv6 by the first 64 bits; the /56 and /48 networks around it have two and four times the limit (see
// [throttle.Networks]). X-Forwarded-For counts only from trusted proxies. It is safe for concurrent use.
//
//	limit := middleware.NewClientLimit(throttle.New(a.Redis, "contact"), throttle.Rate{Limit: 10, Per: time.Hour})
//
//	if err := limit.Allow(ctx); err != nil {
//		return err // 429 with Retry-After
//	}
//
// Limits with the same prefix share their counts, across all processes if a Redis server is configured.
type ClientLimit struct {
	limiter *throttle.Limiter
	rate    throttle.Rate
}

// NewClientLimit returns a limit of rate.Limit in each rate.Per for one client, counted by limiter.
func NewClientLimit(limiter *throttle.Limiter, rate throttle.Rate) *ClientLimit {
	return &ClientLimit{limiter: limiter, rate: rate}
}

// Allow counts one action of the client of ctx. It returns a problem (429) with Retry-After if the limit is exceeded,
// and a problem (503) if Redis is unavailable. Outside of a request it allows everything.
//
// Threat: a client fills a table, or a mailbox, with a public form.
func (l *ClientLimit) Allow(ctx context.Context) error {
	address := ClientIP(ctx)
	if address == "" {
		return nil
	}
	for i, network := range throttle.Networks(address) {
		rate := throttle.Rate{Limit: l.rate.Limit << i, Per: l.rate.Per}
		result, err := l.limiter.Allow(ctx, network, rate)
		if err != nil {
			return problem.Unavailable(fmt.Errorf("counting requests: %w", err))
		}
		if !result.Allowed {
			return problem.TooMany("", result.RetryAfter)
		}
	}
	return nil
}

// RateLimit rejects requests of a client above the limit with 429 and Retry-After. It is for single routes; if the
// input of a form must not be lost, call [ClientLimit.Allow] in its handler instead.
//
//	e.POST("/votes", h.Vote, middleware.RateLimit(limit))
func RateLimit(limit *ClientLimit) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c echo.Context) error {
			if err := limit.Allow(c.Request().Context()); err != nil {
				return err
			}
			return next(c)
		}
	}
}

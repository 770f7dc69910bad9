package views

import (
	"slices"
	"strings"
)

// tones are the words of states that have a colour. The text says the same: colour alone means nothing.
var tones = map[string][]string{
	"good": {
		"accepted", "active", "approved", "available", "closed", "complete", "completed", "confirmed", "delivered", "done",
		"enabled", "finished", "fulfilled", "live", "ok", "paid", "published", "public", "ready", "resolved", "sent", "shipped",
		"succeeded", "success", "valid", "verified", "won", "yes",
	},
	"bad": {
		"abandoned", "blocked", "canceled", "cancelled", "critical", "dead", "declined", "denied", "disabled", "error", "expired",
		"failed", "invalid", "lost", "overdue", "rejected", "refunded", "returned", "revoked", "spam", "suspended", "urgent",
	},
	"busy": {
		"draft", "hidden", "hold", "low", "new", "open", "ordered", "paused", "pending", "planned", "processing", "progress",
		"queued", "review", "running", "scheduled", "started", "trial", "unpaid", "waiting", "warning",
	},
}

// Tone returns the class of a state: good, bad, busy, or neutral for any other. The last word that has a tone decides:
// "not paid" is busy.
func Tone(state string) string {
	list := strings.FieldsFunc(strings.ToLower(state), func(r rune) bool { return r == '_' || r == '-' || r == ' ' })
	if slices.Contains(list, "not") || slices.Contains(list, "partially") {
		return "busy"
	}
	slices.Reverse(list)
	for _, word := range list {
		for tone, words := range tones {
			if slices.Contains(words, word) {
				return tone
			}
		}
	}
	return "neutral"
}

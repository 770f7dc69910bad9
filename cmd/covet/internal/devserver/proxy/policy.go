package proxy

import (
	"slices"
	"strings"
)

// policies are the Content-Security-Policies of a response (CSP Level 3). All of them apply to a page.
type policies []*policy

// policy is one policy: directives in order. A directive is its name and its sources.
type policy struct {
	directives [][]string
	changed    bool
}

// parsePolicies reads header values. A value may hold several policies, separated by commas.
func parsePolicies(values []string) policies {
	var list policies
	for _, value := range values {
		for text := range strings.SplitSeq(value, ",") {
			p := &policy{}
			for directive := range strings.SplitSeq(text, ";") {
				if words := strings.Fields(directive); len(words) > 0 {
					words[0] = strings.ToLower(words[0])
					p.directives = append(p.directives, words)
				}
			}
			if len(p.directives) > 0 {
				list = append(list, p)
			}
		}
	}
	return list
}

// values writes the policies as header values, one each.
func (l policies) values() []string {
	values := make([]string, 0, len(l))
	for _, p := range l {
		directives := make([]string, 0, len(p.directives))
		for _, words := range p.directives {
			directives = append(directives, strings.Join(words, " "))
		}
		values = append(values, strings.Join(directives, "; "))
	}
	return values
}

// changed reports whether one of the policies was changed.
func (l policies) changed() bool {
	return slices.ContainsFunc(l, func(p *policy) bool { return p.changed })
}

// find returns the index of the first of the given directives that the policy has, or -1. Of two with the same name,
// the first one applies.
func (p *policy) find(names ...string) int {
	for _, name := range names {
		for i, words := range p.directives {
			if words[0] == name {
				return i
			}
		}
	}
	return -1
}

var scriptDirectives = []string{"script-src-elem", "script-src", "default-src"}

// nonce returns the nonce that scripts carry, or "".
func (l policies) nonce() string {
	for _, p := range l {
		if i := p.find(scriptDirectives...); i >= 0 {
			for _, source := range p.directives[i][1:] {
				if value, ok := strings.CutPrefix(source, "'nonce-"); ok {
					return strings.TrimSuffix(value, "'")
				}
			}
		}
	}
	return ""
}

// sandboxed reports whether a page may not run scripts, or has no origin to connect to the event channel from.
func (l policies) sandboxed() bool {
	return slices.ContainsFunc(l, func(p *policy) bool {
		i := p.find("sandbox")
		return i >= 0 &&
			(!slices.Contains(p.directives[i], "allow-scripts") || !slices.Contains(p.directives[i], "allow-same-origin"))
	})
}

// admit allows the script with its nonce, and its event channel, with the smallest change of each policy. Origin is the
// address of the page. It returns the nonce for the script.
func (l policies) admit(origin, nonce string) string {
	for _, p := range l {
		if i := p.find(scriptDirectives...); i >= 0 && !p.allowsScript(i, origin, nonce) {
			source := address(origin, scriptPath)
			if slices.Contains(p.directives[i], "'strict-dynamic'") { // with which addresses are ignored
				if nonce == "" {
					nonce = newNonce()
				}
				source = "'nonce-" + nonce + "'"
			}
			p.add(i, "script-src-elem", source)
		}
		if i := p.find("connect-src", "default-src"); i >= 0 && !p.allows(i, origin) {
			p.add(i, "connect-src", address(origin, eventsPath))
		}
	}
	return nonce
}

// address returns the source that is exactly one address. A policy cannot contain IPv6 addresses.
func address(origin, path string) string {
	if strings.Contains(origin, "[") {
		return "'self'"
	}
	return origin + path
}

// allowsScript reports whether a directive allows a script from origin that carries nonce.
func (p *policy) allowsScript(i int, origin, nonce string) bool {
	sources := p.directives[i][1:]
	if nonce != "" && slices.Contains(sources, "'nonce-"+nonce+"'") {
		return true
	}
	return !slices.Contains(sources, "'strict-dynamic'") && p.allows(i, origin)
}

// allows reports whether a directive allows a source of origin.
func (p *policy) allows(i int, origin string) bool {
	scheme, _, _ := strings.Cut(origin, "//")
	return slices.ContainsFunc(p.directives[i][1:], func(source string) bool {
		source = strings.ToLower(source)
		return source == "'self'" || source == "*" || source == scheme || source == origin
	})
}

// add adds a source to a directive. It does not change default-src, but adds a directive that overrides it.
func (p *policy) add(i int, name, source string) {
	words := slices.Clone(p.directives[i])
	words = slices.DeleteFunc(words, func(word string) bool { return strings.EqualFold(word, "'none'") })
	words = append(words, source)
	p.changed = true
	if words[0] == "default-src" {
		words[0] = name
		p.directives = append(p.directives, words)
		return
	}
	p.directives[i] = words
}
